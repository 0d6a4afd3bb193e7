"""How papers call their sections, in English and Chinese, numbered or not."""

import re
from collections.abc import Mapping

NUMBERING = re.compile(
    r"^\s*(?:\d{1,4}\s+)?(?:section\s+|chapter\s+)?(?:\(?\d{1,2}(?:\.\d{1,2})*[.):、．]?\s*|[IVX]{1,5}[.、]\s*|[A-H]\.\s+"
    r"|第?[一二三四五六七八九十]{1,3}[章节部分]{0,2}[、.．:：\s]\s*|[（(][一二三四五六七八九十]{1,3}[)）]\s*|§\s*\d*\s*)",
)
"""Also behind the number that a draft gives to each of its lines: `148 References`, `12 3 Method`."""
LINE_NUMBER = re.compile(r"^\s*\d{1,4}\s+(?=\D)")
BRACKETS = str.maketrans("", "", "【】[]「」『』〔〕《》<>〈〉*#_")
REFERENCES = {
    "references", "reference", "referencelist", "listofreferences", "referencescited", "citedreferences",
    "referencesandnotes", "bibliography", "selectedbibliography", "workscited", "literaturecited",
    "citations", "literatur", "literaturverzeichnis", "quellen", "références", "bibliographie",
    "referencias", "bibliografía", "参考文献", "引用文献", "参考资料", "主要参考文献", "参考书目", "文献", "引文",
}  # fmt: skip
APPENDIX = re.compile(r"^(appendix|appendices|supplementary(material)?|supplement|附录)", re.IGNORECASE)
SECTIONS: Mapping[str, frozenset[str]] = {
    "abstract": frozenset({
        "abstract", "summary", "executivesummary", "abstractandkeywords", "synopsis", "zusammenfassung", "résumé",
        "resumen", "摘要", "内容摘要", "摘要abstract", "中文摘要", "英文摘要", "概要",
    }),
    "introduction": frozenset({
        "introduction", "overview", "motivation", "intro", "problemstatement", "problemdefinition",
        "problemformulation", "problemdescription", "problem", "theproblem", "problemsetup", "problemsetting",
        "taskdefinition", "task", "motivationandproblem", "motivationandbackground", "backgroundandmotivation",
        "goals", "goal", "objectives", "aims", "researchquestion", "researchquestions", "einleitung", "引言", "绪论",
        "前言", "简介", "介绍", "概述", "导言", "研究背景", "问题描述", "问题定义", "研究问题", "研究目的",
        "研究意义", "研究目的和意义", "研究目的与意义", "研究背景和意义", "研究背景与意义", "选题背景", "选题意义",
        "选题背景与意义", "选题依据", "项目背景", "任务描述", "课题背景", "背景与意义", "背景介绍",
    }),
    "related work": frozenset({
        "relatedwork", "relatedworks", "relatedstudies", "relatedresearch", "relatedliterature", "relatedmethods",
        "background", "literaturereview", "reviewofliterature", "literaturesurvey", "literature review", "priorwork",
        "previouswork", "previousworks", "existingwork", "existingmethods", "existingapproaches", "existingsolutions",
        "stateoftheart", "state-of-the-art", "survey", "preliminaries", "backgroundandrelatedwork",
        "theoreticalbackground", "verwandtearbeiten", "standdertechnik", "相关工作", "文献综述", "文献回顾",
        "研究现状", "背景", "相关研究", "相关技术", "相关理论", "理论基础", "背景知识", "预备知识", "国内外研究现状",
        "国内外现状", "现有方法", "现有工作", "研究综述",
    }),
    "plan": frozenset({
        "plan", "workplan", "projectplan", "timeline", "schedule", "ourplan", "roadmap", "milestones", "proposedplan",
        "researchplan", "nextsteps", "timetable", "planofwork", "planofaction", "actionplan", "implementationplan",
        "projecttimeline", "projectschedule", "planandtimeline", "timelineandmilestones", "proposedtimeline",
        "tentativeplan", "divisionoflabor", "divisionofwork", "futureplan", "futureplans", "deliverables", "计划",
        "工作计划", "研究计划", "进度安排", "时间安排", "项目计划", "计划安排", "工作安排", "进度计划", "时间计划",
        "实施计划", "研究进度", "研究方案与计划", "人员分工", "下一步计划", "日程安排", "预期计划",
    }),
    "proposed solution": frozenset({
        "proposedsolution", "solution", "solutions", "oursolution", "method", "methods", "themethod", "methodology",
        "methodologies", "approach", "approaches", "ourapproach", "ourmethod", "ourmethods", "proposedmethod",
        "proposedmethods", "proposedmethodology", "proposedapproach", "proposedframework", "proposedsystem",
        "proposedarchitecture", "proposedtechnique", "proposedalgorithm", "model", "models", "proposedmodel",
        "proposedmodels", "ourmodel", "themodel", "modelarchitecture", "architecture", "networkarchitecture",
        "modeldesign", "systemdesign", "systemoverview", "framework", "ourframework", "algorithm", "algorithms",
        "technicalapproach", "technicaldetails", "implementation", "implementationdetails", "design",
        "methodsandmaterials", "materialsandmethods", "modelling", "modeling", "methoddescription", "methode",
        "methoden", "ansatz", "方法", "解决方案", "方案", "模型", "我们的方法", "研究方法", "提出的方法", "本文方法",
        "算法", "算法设计", "模型设计", "模型结构", "模型架构", "网络结构", "系统设计", "方法设计", "方法介绍",
        "技术路线", "技术方案", "研究内容", "研究方案", "设计与实现", "实现", "算法描述", "模型构建",
    }),
    "experiments": frozenset({
        "experiment", "experiments", "experimental", "experimentalresults", "experimentresults", "experimentalresult",
        "result", "results", "mainresults", "ourresults", "evaluation", "evaluations", "evaluationandresults",
        "experimentalevaluation", "experimentalsetup", "experimentsetup", "experimentalsettings",
        "experimentalanalysis", "experimentalstudy", "empiricalresults", "empiricalevaluation", "empiricalstudy",
        "empiricalanalysis", "analysis", "resultanalysis", "resultsanalysis", "analysisofresults", "findings",
        "performanceevaluation", "performance", "simulation", "simulations", "simulationresults", "ablationstudy",
        "ablationstudies", "casestudy", "experimente", "ergebnisse", "auswertung", "实验", "实验结果", "结果", "评估",
        "评价", "实验与分析", "实验和分析", "实验分析", "实验与结果", "实验结果与分析", "实验结果和分析",
        "实验结果分析", "结果与分析", "结果分析", "结果与讨论", "实验设计", "实验设置", "实验评估", "性能评估",
        "仿真实验", "实验验证", "实验部分",
    }),
    "conclusion": frozenset({
        "conclusion", "conclusions", "conclusionsandfuturework", "concludingremarks", "summaryandconclusions",
        "closingremarks", "finalremarks", "discussionandconclusion", "discussion", "discussions", "outlook",
        "takeaways", "lessonslearned", "summaryandoutlook", "fazit", "schlussfolgerung", "schluss", "diskussion",
        "结论", "总结", "结语", "小结", "结束语", "全文总结", "总结与展望", "结论与展望", "总结和展望", "结论和展望",
        "讨论", "讨论与总结", "讨论与结论", "工作总结",
    }),
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
    """A heading without its number, spaces, case, brackets and punctuation at the end: `5  R EFERENCES :` is `references`."""
    plain = NUMBERING.sub("", LINE_NUMBER.sub("", text.translate(BRACKETS), count=1), count=1)
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
