# ruff: noqa: E501  sources of papers, line by line as LaTeX has them
"""Makes the PDFs of this folder that need LaTeX or LibreOffice: `python papercheck/tests/papers/make.py`, on Debian with
texlive-latex-extra, texlive-xetex, texlive-lang-chinese, fonts-noto-cjk, libreoffice-writer and libreoffice-impress.

Each file's facts stand in `expected.py`; the tests read the PDFs as they lie here. All text is invented.
"""

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
WORDS = (
    "We train a small network on images of leaves and ask how much of what it learns can be seen in its first layer. "
    "The data were split by plant and not by picture, because two pictures of one plant are nearly the same picture. "
    "A learning rate that is too high makes the loss jump, and one that is too low makes it sleep for many epochs. "
    "Every run was repeated with five seeds; we report the mean and the spread and keep the worst run in the table. "
)
CHINESE = (
    "我们在一个小的图像数据集上训练卷积网络，并观察第一层学到了什么。数据按照植株划分，而不是按照图片划分，"
    "因为同一植株的两张图片几乎相同。学习率过高会使损失跳动，学习率过低则会使训练停滞很多轮。每个实验用五个随机种子重复。"
)
KIT = r"""\documentclass[letterpaper,twocolumn,10pt]{article}
\usepackage[T1]{fontenc}\usepackage{mathptmx}\usepackage{graphicx}
\usepackage[letterpaper,left=0.75in,right=0.75in,top=0.75in,bottom=1.25in,columnsep=0.375in]{geometry}
\pagestyle{empty}\setcounter{secnumdepth}{0}\title{\bf %(title)s}\author{}\date{}
\begin{document}\maketitle\thispagestyle{empty}
"""
PLAIN = r"""\documentclass[a4paper,11pt]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage[a4paper,margin=25mm]{geometry}
\title{%(title)s}\author{}\date{}\begin{document}\maketitle
"""
XELATEX = r"""\documentclass[a4paper,%(columns)s,10pt]{article}
\usepackage{xeCJK}\setCJKmainfont{Noto Serif CJK SC}\usepackage[a4paper,margin=20mm]{geometry}
\title{%(title)s}\author{}\date{}\renewcommand{\refname}{%(refname)s}\begin{document}\maketitle
"""
ENTRIES = [
    f"\\bibitem{{k{n}}} A. Writer and B. Reader. On the number {n} and its layers. In \\emph{{Invented Proceedings}}, 20{n:02d}."
    for n in range(1, 25)
]


def text(paragraphs: int, words: str = WORDS) -> str:
    return "\n\n".join(f"{words * 2}" for _ in range(paragraphs))


def references(count: int) -> str:
    return "\\begin{thebibliography}{99}\n" + "\n".join(ENTRIES[:count]) + "\n\\end{thebibliography}\n"


def section(name: str, paragraphs: int, words: str = WORDS, command: str = "section") -> str:
    return f"\\{command}{{{name}}}\n{text(paragraphs, words)}\n"


def paper(head: str, *parts: str, **fields: str) -> str:
    return head % {"title": "Leaves and Layers", **fields} + "\n".join(parts) + "\\end{document}\n"


ABSTRACT = "\\begin{abstract}" + WORDS + "\\end{abstract}\n"
PROPOSAL = (ABSTRACT, section("Introduction", 4), section("Related Work", 4), section("Plan", 2))
REPORT = (
    ABSTRACT, section("Introduction", 6), section("Related Work", 6), section("Proposed Solution", 8),
    section("Experiments", 8), section("Conclusion", 3),
)  # fmt: skip
LATEX = {
    "proposal-good": ("pdflatex", paper(KIT, *PROPOSAL, "\\clearpage", references(12))),
    "report-good": ("pdflatex", paper(KIT, *REPORT, "\\clearpage", references(20))),
    "references-mid-page": ("pdflatex", paper(KIT, *PROPOSAL, references(8))),
    "references-two-pages": ("pdflatex", paper(KIT, *PROPOSAL, references(24), "\\nocite{*}")),
    "acknowledgments-before": (
        "pdflatex",
        paper(KIT, *PROPOSAL, "\\clearpage\n\\section{Acknowledgments}\nWe thank the owls of the library.\n", references(12)),
    ),
    "appendix-after": (
        "pdflatex", paper(KIT, *PROPOSAL, "\\clearpage", references(6), section("Appendix", 4)),
    ),
    "numbered-sections": (
        "pdflatex",
        paper(KIT, "\\setcounter{secnumdepth}{2}", *REPORT, "\\clearpage", references(15)),
    ),
    "small-capitals": (
        "pdflatex",
        paper(
            KIT, ABSTRACT,
            *(section(f"\\textsc{{{name}}}", 4) for name in ("Overview", "Background", "Methodology", "Results", "Conclusions")),
            "\\renewcommand{\\refname}{\\textsc{References}}\\clearpage", references(10),
        ),
    ),
    "bibliography-name": (
        "pdflatex",
        paper(KIT, *PROPOSAL, "\\renewcommand{\\refname}{Bibliography}\\clearpage", references(10)),
    ),
    "works-cited": (
        "pdflatex", paper(KIT, *PROPOSAL, "\\renewcommand{\\refname}{Works Cited}\\clearpage", references(10)),
    ),
    "no-references": ("pdflatex", paper(KIT, *PROPOSAL)),
    "wide-references": (
        "pdflatex", paper(KIT, *PROPOSAL, "\\onecolumn", references(12)),
    ),
    "one-column": ("pdflatex", paper(PLAIN, *PROPOSAL, references(10))),
    "one-column-numbered": (
        "pdflatex",
        paper(PLAIN, section("Introduction", 3), section("Literature Survey", 3), section("Our Approach", 3),
              section("Results and Discussion", 3), section("Conclusion and Future Work", 1), references(10)),
    ),
    "figures-after-references": (
        "pdflatex",
        paper(KIT, *PROPOSAL, "\\clearpage", references(8), "\\begin{figure}[b]\\rule{3in}{2in}\\caption{A box.}\\end{figure}"),
    ),
    "word-references-in-text": (
        "pdflatex",
        paper(KIT, ABSTRACT, section("Introduction", 4), "References to earlier plants are kept.\n\n", section("Related work", 4),
              section("Work plan", 3), "\\clearpage", references(10)),
    ),
    "running-head": (
        "pdflatex",
        paper(KIT.replace("\\pagestyle{empty}", "\\usepackage{fancyhdr}\\pagestyle{fancy}\\fancyhf{}\\rhead{References}"),
              "\\thispagestyle{fancy}", *PROPOSAL, "\\clearpage", references(10)),
    ),
    "a4-kit": (
        "pdflatex", paper(KIT.replace("letterpaper", "a4paper"), *PROPOSAL, "\\clearpage", references(10)),
    ),
    "eleven-points": ("pdflatex", paper(KIT.replace("10pt", "11pt"), *PROPOSAL, "\\clearpage", references(10))),
    "narrow-margins": (
        "pdflatex",
        paper(KIT.replace("left=0.75in,right=0.75in", "left=0.4in,right=0.4in"), *PROPOSAL, "\\clearpage", references(10)),
    ),
    "page-numbers": (
        "pdflatex",
        paper(KIT.replace("\\pagestyle{empty}", "\\pagestyle{plain}"), "\\thispagestyle{plain}", *PROPOSAL, "\\clearpage", references(10)),
    ),
    "chinese-two-columns": (
        "xelatex",
        paper(
            XELATEX, "\\section*{摘要}", text(1, CHINESE), section("引言", 8, CHINESE), section("相关工作", 8, CHINESE),
            section("方法", 8, CHINESE), section("实验", 8, CHINESE), section("结论", 3, CHINESE), "\\clearpage", references(10),
            title="叶与层", columns="twocolumn", refname="参考文献",
        ),
    ),
    "chinese-one-column": (
        "xelatex",
        paper(
            XELATEX, "\\section*{摘要}", text(1, CHINESE), "\\section*{一、引言}", text(5, CHINESE), "\\section*{二、研究现状}",
            text(5, CHINESE), "\\section*{三、工作计划}", text(4, CHINESE), references(8),
            title="叶与层", columns="onecolumn", refname="四、参考文献",
        ),
    ),
    "xelatex-english": (
        "xelatex",
        paper(XELATEX, *PROPOSAL, references(10), title="Leaves", columns="twocolumn", refname="References"),
    ),
    "lualatex-like-poster": (
        "pdflatex",
        "\\documentclass[25pt]{article}\\usepackage[paperwidth=841mm,paperheight=1189mm,margin=40mm]{geometry}"
        "\\usepackage[T1]{fontenc}\\usepackage{lmodern}\\pagestyle{empty}\\begin{document}"
        "{\\fontsize{80}{96}\\selectfont Leaves and Layers\\par}"
        + "".join(f"{{\\fontsize{{48}}{{60}}\\selectfont\\bfseries {name}\\par}}{{\\fontsize{{28}}{{36}}\\selectfont {text(2)}\\par}}"
                  for name in ("Method", "Results", "Conclusions"))
        + "\\end{document}\n",
    ),
}  # fmt: skip


def html(
    *parts: tuple[str, int], style: str = "", words: str = WORDS, entries: int = 10, refname: str = "References"
) -> str:
    body = "".join(f"<h1>{name}</h1>" + f"<p>{words * 2}</p>" * count for name, count in parts)
    listed = "".join(
        f"<p>[{n}] A. Writer. On the number {n}. Invented Press, 20{n:02d}.</p>" for n in range(1, entries + 1)
    )
    return f"<html><head><meta charset='utf-8'><style>{style}</style></head><body>{body}<h1>{refname}</h1>{listed}</body></html>"


ENGLISH = (("Abstract", 1), ("Introduction", 4), ("Related work", 4), ("Plan", 2))
OFFICE = {
    "word-like-one-column": html(*ENGLISH),
    "word-like-report": html(
        ("Abstract", 1), ("1. Introduction", 3), ("2. Background", 3), ("3. Methods", 4), ("4. Evaluation", 4), ("5. Conclusions", 1)
    ),
    "word-like-chinese": html(
        ("摘要", 1), ("一、引言", 4), ("二、相关工作", 4), ("三、研究计划", 3), words=CHINESE, refname="参考文献",
        style="body{font-family:'Noto Serif CJK SC'}",
    ),
    "word-like-bibliography": html(*ENGLISH, refname="Bibliography", entries=16),
    "word-like-timeline": html(("Abstract", 1), ("Overview", 3), ("State of the Art", 3), ("Timeline", 2), entries=6),
    "word-like-no-references": html(*ENGLISH).replace("<h1>References</h1>", "").split("<p>[1]")[0] + "</body></html>",
}  # fmt: skip


def main() -> None:
    for name, (engine, source) in LATEX.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, f"{name}.tex").write_text(source)
            for _ in range(2):
                done = subprocess.run(
                    [engine, "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
                    cwd=folder, capture_output=True, check=False,
                )  # fmt: skip
            if done.returncode:
                raise SystemExit(f"{name}: {done.stdout.decode(errors='replace')[-800:]}")
            (HERE / "latex" / f"{name}.pdf").write_bytes(Path(folder, f"{name}.pdf").read_bytes())
    for name, source in OFFICE.items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, f"{name}.html").write_text(source)
            subprocess.run(
                ["soffice", "--headless", "--writer", "--convert-to", "pdf:writer_pdf_Export", f"{name}.html"],
                cwd=folder, capture_output=True, check=True, env={"HOME": folder, "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
            (HERE / "office" / f"{name}.pdf").write_bytes(Path(folder, f"{name}.pdf").read_bytes())


if __name__ == "__main__":
    main()
