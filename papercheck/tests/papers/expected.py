"""What the PDFs of `latex/` and `office/` are, as `make.py` wrote them: pages, body pages, references' page, only there, columns,
made with LaTeX, and the sections by our names.
"""

PLAN = "abstract introduction related-work plan"
ALL = "abstract introduction related-work proposed-solution experiments conclusion"
EXPECTED = {
    "latex/proposal-good": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/report-good": (6, 5, 6, True, 2, "yes", ALL),
    "latex/references-mid-page": (2, 2, 2, False, 2, "yes", PLAN),
    "latex/references-two-pages": (3, 2, 2, True, 2, "yes", PLAN),
    "latex/acknowledgments-before": (3, 3, 3, False, 2, "yes", PLAN),
    "latex/appendix-after": (3, 3, 3, False, 2, "yes", PLAN),
    "latex/numbered-sections": (6, 5, 6, True, 2, "yes", ALL),
    "latex/small-capitals": (5, 4, 5, True, 2, "yes", ALL),
    "latex/bibliography-name": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/works-cited": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/no-references": (2, 2, None, None, 2, "yes", PLAN),
    "latex/wide-references": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/one-column": (3, 3, 3, False, 1, "yes", PLAN),
    "latex/one-column-numbered": (
        4, 3, 4, True, 1, "yes", "introduction related-work proposed-solution experiments conclusion",
    ),
    "latex/figures-after-references": (3, 3, 3, False, 2, "yes", PLAN),
    "latex/word-references-in-text": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/running-head": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/a4-kit": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/eleven-points": (4, 3, 4, True, 2, "yes", PLAN),
    "latex/narrow-margins": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/page-numbers": (3, 2, 3, True, 2, "yes", PLAN),
    "latex/chinese-two-columns": (5, 4, 5, True, 2, "yes", ALL),
    "latex/chinese-one-column": (2, 2, 2, False, 1, "yes", PLAN),
    "latex/xelatex-english": (2, 2, 2, False, 2, "yes", PLAN),
    "office/word-like-one-column": (3, 3, 3, False, 1, "no", PLAN),
    "office/word-like-report": (4, 4, 4, False, 1, "no", ALL),
    "office/word-like-chinese": (3, 3, 3, False, 1, "no", PLAN),
    "office/word-like-bibliography": (3, 3, 3, False, 1, "no", PLAN),
    "office/word-like-no-references": (3, 3, None, None, 1, "no", PLAN),
    "office/word-like-timeline": (3, 2, 3, True, 1, "no", PLAN),
}  # fmt: skip
