"""Texts of staff: what they may do, what comes out of the rest, and formulas without scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.markdown import rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b**", "<p><em>a</em> <strong>b</strong></p>"),
        ("# Top", "<h3>Top</h3>"),
        ("###### Deep", "<h6>Deep</h6>"),
        ("[x](https://a.example/)", '<p><a href="https://a.example/" rel="noopener noreferrer">x</a></p>'),
        ("a\n\nb", "<p>a</p>\n<p>b</p>"),
        ("~~old~~", "<p><s>old</s></p>"),
        ("costs $5", "<p>costs $5</p>"),
    ],
)
def test_markdown(text, html):
    assert rendered(text).strip() == html


def test_a_table_is_a_table():
    assert "<td>1</td>" in rendered("| a |\n| - |\n| 1 |")


def test_formulas_become_mathml():
    assert rendered("$x^2$").startswith("<p><math")
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in rendered("so $x^2$ it is")
    assert 'display="block"' in rendered("$$\n\\frac{a}{b}\n$$")


def test_a_formula_that_cannot_be_read_is_shown_as_it_was_written():
    assert rendered("$\\frac{$") == "<p><code>\\frac{</code></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://elsewhere.example/pixel.png)",
        "$\\text{<script>alert(1)</script>}$",
        "<svg onload=alert(1)>",
        "[x](https://a.example/ 'a\" onclick=\"alert(1)')",
        "```<style>*{}</style>```",
    ],
)
def test_nothing_in_a_text_runs_or_fetches(text):
    html = rendered(text)

    assert not any(f"<{tag}" in html for tag in ("script", "img", "svg", "style", "iframe"))
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert " onclick=" not in html.replace("&quot;", '"').split("title=")[0]


@given(st.text(st.sampled_from("<>&\"'$\\{}^_[]()!*#`|- \nabxjavscriptonload=:/"), max_size=60))
def test_every_text_is_rendered_and_none_brings_a_script(text):
    html = rendered(text)

    assert "<script" not in html
    assert "<img" not in html
