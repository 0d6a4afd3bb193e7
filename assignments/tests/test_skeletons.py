"""Skeletons of papers: the sections that are asked for, in as many columns, safe in LaTeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.skeletons import skeleton_of

RULES = {
    "kit": "AAAI 2025 author kit",
    "columns": 2,
    "content_pages": 5,
    "sections": ["Abstract", "Introduction", "Plan"],
}


def test_it_has_the_sections_the_questions_and_the_kit():
    text = skeleton_of(title="Report", rules=RULES, questions=["What is your plan?"])

    assert text.count("\\begin{document}") == text.count("\\end{document}") == 1
    assert "\\documentclass[twocolumn,letterpaper,10pt]{article}" in text
    assert [text.index(f"\\section{{{name}}}") for name in ("Introduction", "Plan")]
    assert "\\section{Abstract}" not in text
    assert "% * What is your plan?" in text
    assert "AAAI 2025 author kit" in text
    assert text.index("\\clearpage") < text.index("thebibliography")


@pytest.mark.parametrize(("columns", "expected"), [(1, False), (2, True), (None, False)])
def test_columns(columns, expected):
    rules = {"columns": columns} if columns else {}

    assert ("twocolumn" in skeleton_of(title="T", rules=rules, questions=[])) is expected


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_no_word_of_ours_is_a_command(title, sections):
    text = skeleton_of(title=title, rules={"sections": sections, "kit": title}, questions=[title])
    lines = [line for line in text.split("\n") if line.startswith(("\\title", "\\section"))]

    assert text.count("\\begin{document}") == 1
    for line in lines:
        inside = line.partition("{")[2].rpartition("}")[0]
        for command in (
            "\\textbackslash{}",
            "\\textasciitilde{}",
            "\\textasciicircum{}",
            *(f"\\{c}" for c in "&%$#_{}"),
        ):
            inside = inside.replace(command, "")
        assert not set(inside) & set("\\&%$#_{}~^")
