"""How papers call their sections, in English and Chinese, numbered or not."""

import re
from collections.abc import Mapping

NUMBERING = re.compile(
    r"^\s*(?:section\s+)?(?:\(?\d{1,2}(?:\.\d{1,2})*[.):、．]?\s*|[IVX]{1,5}[.、]\s*|[A-H]\.\s+"
    r"|第?[一二三四五六七八九十]{1,3}[章节、.．:：]\s*)",
)
REFERENCES = {
    "references", "reference", "bibliography", "workscited", "literaturecited", "referencesandnotes",
    "参考文献", "引用文献", "参考资料", "主要参考文献",
}  # fmt: skip
APPENDIX = re.compile(r"^(appendix|appendices|supplementary(material)?|supplement|附录)", re.IGNORECASE)
SECTIONS: Mapping[str, frozenset[str]] = {
    "abstract": frozenset({"abstract", "summary", "摘要", "内容摘要", "摘　要"}),
    "introduction": frozenset(
        {"introduction", "overview", "motivation", "intro", "problemstatement", "引言", "绪论", "前言", "简介", "介绍",
         "概述", "研究背景", "问题描述"}
    ),
    "related work": frozenset(
        {"relatedwork", "relatedworks", "background", "literaturereview", "literaturesurvey", "priorwork",
         "previouswork", "stateoftheart", "relatedresearch", "survey", "相关工作", "文献综述", "研究现状", "背景",
         "相关研究", "国内外研究现状"}
    ),
    "plan": frozenset(
        {"plan", "workplan", "projectplan", "timeline", "schedule", "ourplan", "roadmap", "milestones", "proposedplan",
         "researchplan", "nextsteps", "timetable", "planofwork", "计划", "工作计划", "研究计划", "进度安排", "时间安排",
         "项目计划", "计划安排", "工作安排"}
    ),
    "proposed solution": frozenset(
        {"proposedsolution", "solution", "oursolution", "method", "methods", "methodology", "approach", "ourapproach",
         "ourmethod", "proposedmethod", "proposedapproach", "model", "proposedmodel", "themodel", "technicalapproach",
         "methodsandmaterials", "方法", "解决方案", "方案", "模型", "我们的方法", "研究方法", "提出的方法", "算法"}
    ),
    "experiments": frozenset(
        {"experiment", "experiments", "experimentalresults", "results", "evaluation", "experimentalevaluation",
         "experimentalsetup", "empiricalresults", "实验", "实验结果", "结果", "评估", "实验与分析", "实验分析", "实验与结果",
         "实验结果与分析"}
    ),
    "conclusion": frozenset(
        {"conclusion", "conclusions", "concludingremarks", "summaryandconclusions", "closingremarks", "结论", "总结",
         "结语", "总结与展望", "结论与展望"}
    ),
}  # fmt: skip
ANSWERED_BY = (
    (re.compile(r"state.of.the.art|existing|related|others|现有|相关", re.IGNORECASE), ("related work",)),
    (re.compile(r"\bplan\b|schedule|计划|安排", re.IGNORECASE), ("plan",)),
    (re.compile(r"evaluat|experiment|measure|评估|实验", re.IGNORECASE), ("experiments",)),
    (re.compile(r"observe|conclude|learn|finding|结论|观察", re.IGNORECASE), ("conclusion", "experiments")),
    (re.compile(r"solution|method|approach|how do you solve|方法|解决", re.IGNORECASE), ("proposed solution",)),
    (re.compile(r"problem|why|motivat|问题|为什么", re.IGNORECASE), ("introduction", "abstract")),
)
"""Where a question of a stage is usually answered; the first that fits."""


def bare(text: str) -> str:
    """A heading without its number, spaces, case and punctuation at the end: `5  R EFERENCES :` is `references`."""
    plain = NUMBERING.sub("", text, count=1)
    return re.sub(r"[\s\u3000]+", "", plain).strip(".:：—–-").casefold()


def is_numbered(text: str) -> bool:
    return bool(NUMBERING.match(text))


def is_references(text: str) -> bool:
    return bare(text) in REFERENCES


def names_in(text: str) -> list[str]:
    """The sections that a heading names, as this module calls them: `Results and Conclusions` names two."""
    whole = bare(text)
    parts = {whole, *re.split(r"and|&|、|与|和|及|:|：|,|/", whole)}
    return [name for name, called in SECTIONS.items() if whole in called or parts & called]


def sections_for(question: str) -> tuple[str, ...]:
    """The sections in which a question is usually answered; none where we cannot say."""
    return next((names for pattern, names in ANSWERED_BY if pattern.search(question)), ())
