"""A skeleton of a paper in LaTeX: the sections and questions that an assignment asks for, in as many columns. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
TWO_COLUMNS = 2


def skeleton_of(*, title: str, rules: Mapping[str, Any], questions: Sequence[str]) -> str:
    """A document that compiles as it is. `rules` as `format` in `docs/course.schema.json`; the kit's own style goes over it."""
    columns = "twocolumn," if rules.get("columns") == TWO_COLUMNS else ""
    sections = [name for name in rules.get("sections", []) if name.casefold() != "abstract"] or ["Introduction"]
    asked = "".join(f"% * {_line(question)}\n" for question in questions)
    kit = _line(f"{rules.get('kit', '')} {rules.get('kit_url', '')}".strip())
    return (
        f"% {_line(title)}\n"
        + (f"% Use the style file of the {kit} in place of the class below.\n" if kit else "")
        + f"\\documentclass[{columns}letterpaper,10pt]{{article}}\n"
        "\\usepackage[T1]{fontenc}\n\\usepackage{times}\n"
        "\\usepackage[left=0.75in,right=0.75in,top=0.75in,bottom=1.25in,columnsep=0.375in]{geometry}\n"
        "\\pagestyle{empty}\n"
        f"\\title{{{_escaped(title)}}}\n\\author{{Names of your group}}\n\\date{{}}\n\n"
        "\\begin{document}\n\\maketitle\n\\thispagestyle{empty}\n\n"
        "\\begin{abstract}\nWhat you do, and what comes out.\n\\end{abstract}\n\n"
        + (f"% It answers:\n{asked}\n" if asked else "")
        + "".join(f"\\section{{{_escaped(name)}}}\n\n" for name in sections)
        + ("\\clearpage\n" if "content_pages" in rules or rules.get("last_page_only_references") else "")
        + "\\begin{thebibliography}{9}\n\\bibitem{owl} A. Owl. \\emph{On leaves}. Press, 2026.\n\\end{thebibliography}\n"
        "\\end{document}\n"
    )


def _line(text: str) -> str:
    """One line of a comment."""
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in _line(text))
