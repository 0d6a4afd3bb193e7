"""The parts that pages are composed of: each says what it should, with its arguments and without them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

from courses.policy.lateness import Step
from courses.templatetags.words import duration, factor, megabytes, points, share, words

COMPONENTS = Path(settings.BASE_DIR, "templates", "components")
NOW = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)


def drawn(template, **arguments):
    return " ".join(render_to_string(template, arguments).split())


def shown(component, /, **arguments) -> str:
    """The component's markup, white space folded."""
    return drawn(f"components/{component}.html", **arguments)


def read(component, /, **arguments) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", shown(component, **arguments)).split())


def test_button_is_a_link_or_a_button():
    assert shown("button", label="Go", href="/x/").startswith('<a class="button " href="/x/">')
    assert '<button class="button primary">' in shown("button", label="Go", kind="primary")
    assert 'name="next" value="1"' in shown("button", label="Go", name="next")
    assert 'name="decision" value="keep"' in shown("button", label="Keep", name="decision", value="keep")
    assert "<svg" in shown("button", label="Go", icon="plus")


def test_a_label_is_text_and_never_markup():
    assert "&lt;b&gt;" in shown("button", label="<b>Go</b>")
    assert "&lt;b&gt;" in shown("badge", label="<b>x</b>")
    assert "&lt;b&gt;" in shown("notice", text="<b>x</b>")
    assert "&lt;b&gt;" in shown("empty", icon="map", title="<b>x</b>", text="")


@pytest.mark.parametrize(("kind", "css"), [("good", "badge good"), ("", "badge "), ("bad", "badge bad")])
def test_badge_has_its_kind(kind, css):
    assert f'class="{css}"' in shown("badge", label="x", kind=kind)


STATES = {
    "missing": "Not handed in", "queued": "Queued", "running": "Running", "failed": "Our failure", "review": "To review",
    "ready": "Ready to release", "changed": "Changed since release", "released": "Released",
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_words(state):
    assert read("state", state=state) == STATES[state]


STATUSES = {
    "passed": "Passed", "partial": "Partly", "failed": "Failed", "not_run": "Did not run", "needs_review": "To review",
    "marked": "Marked", "unanswered": "No answer", "withheld": "After release",
}  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_words_and_a_sign_besides_its_colour(status):
    assert read("test_status", status=status) == STATUSES[status]
    assert "<svg" in shown("test_status", status=status)


def test_empty_offers_a_way_on_only_when_there_is_one():
    assert "<a" not in shown("empty", icon="map", title="Nothing", text="Come back.")
    assert 'href="/x/"' in shown("empty", icon="map", title="Nothing", text="Go on.", label="On", href="/x/")


@pytest.mark.parametrize(
    ("hours", "factor_now", "until", "says"),
    [
        (5, "1", None, "Due Sun 25 Oct, 17:00 5 hours left. Handed in now it counts ×1.0."),
        (-2, "0.9", 22, "Was due Sun 25 Oct, 10:00 Handed in now it counts ×0.9 until Mon 26 Oct, 10:00, then ×0.7"),
        (-99, "0.5", None, "Was due Wed 21 Oct, 09:00 Handed in now it counts ×0.5"),
    ],
)
def test_deadline_says_when_and_what_it_costs_now(hours, factor_now, until, says):
    here = Step(NOW + timedelta(hours=until) if until else None, Decimal(factor_now))
    after = Step(None, Decimal("0.7")) if until else None
    said = read("deadline", due_at=NOW + timedelta(hours=hours), now=NOW, here=here, after=after)

    assert says in said.replace(" .", ".").replace(" ,", ",").replace("\xa0", " ")


def test_deadline_names_an_extension():
    here = Step(None, Decimal(1))

    assert "(your extension)" in read("deadline", due_at=NOW, now=NOW, here=here, extended=True)


@pytest.mark.parametrize(("done", "of"), [(3, 24), (0, 0), (24, 24)])
def test_progress_says_its_figures_and_never_divides_by_nothing(done, of):
    assert read("progress", label="Handed in", done=done, of=of).startswith(f"Handed in: {done} of {of}")
    assert f'max="{of or 1}"' in shown("progress", label="Handed in", done=done, of=of)


@pytest.mark.parametrize(
    ("late", "says"), [(timedelta(hours=2, minutes=14), "2 h 14 min late · ×0.9"), (timedelta(-1), "on time · ×1.0")]
)
def test_receipt_says_everything_a_student_may_have_to_show(late, says):
    file = SimpleNamespace(size=8421)
    submission = SimpleNamespace(original_name="a.ipynb", number=2, file=file, received_at=NOW, file_id="ab" * 32)
    rate = Decimal("0.9") if late > timedelta() else Decimal(1)
    said = read("receipt", submission=submission, due_at=NOW, late_by=late, factor=rate)

    for fact in ("a.ipynb · 8 kB", "Version 2", "Sun 25 Oct 2026, 12:00:00", says, "ab" * 32):
        assert fact in said


def test_grade_line_shows_total_and_arithmetic():
    sentence = "(8 auto + 3 manual) × 0.9, 2 h 14 min late = 9.9 of 11"

    assert read("grade_line", total=Decimal("9.9"), maximum=Decimal(11), sentence=sentence) == f"9.9 of 11 {sentence}"


@pytest.mark.parametrize(("stuck", "says"), [(True, "Grading stands still"), (False, "")])
def test_stuck_speaks_only_when_it_is(stuck, says):
    assert says in read("stuck", queue=SimpleNamespace(is_stuck=stuck))
    assert bool(read("stuck", queue=SimpleNamespace(is_stuck=stuck))) is stuck


class Example(forms.Form):
    title = forms.CharField(help_text="Short.")
    note = forms.CharField(required=False)


def test_field_has_label_help_and_its_error_beside_it():
    form = Example({"title": ""})
    said = drawn("django/forms/field.html", field=form["title"])

    assert '<label for="id_title">Title</label>' in said
    assert "Short." in said
    assert "This field is required." in said
    assert 'aria-invalid="true"' in said
    assert 'aria-describedby="id_title_helptext id_title_error"' in said


def test_field_says_optional_unless_told_to_be_quiet():
    form = Example()

    assert "(optional)" in drawn("django/forms/field.html", field=form["note"])
    assert "(optional)" not in drawn("django/forms/field.html", field=form["note"], quiet=True)
    assert "(optional)" not in drawn("django/forms/field.html", field=form["title"])


def test_page_header_has_a_way_back_when_there_is_one():
    assert 'href="/x/"' in shown("page_header", title="T", back="/x/", back_to="X")
    assert "<a" not in shown("page_header", title="T", lead="L")


def test_every_component_is_used_somewhere():
    templates = [p.read_text() for p in Path(settings.BASE_DIR, "templates").rglob("*.html")]

    unused = [c.name for c in COMPONENTS.iterdir() if not any(f"components/{c.name}" in text for text in templates)]

    assert unused == []


def test_every_class_in_the_templates_has_a_style():
    css = " ".join(p.read_text() for p in Path(settings.BASE_DIR, "static", "gradus").glob("*.css"))
    used = set()
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        for names in re.findall(r'class="([^"{%]+)"', path.read_text()):
            used |= set(names.split())

    assert {name for name in used if not re.search(rf"\.{re.escape(name)}\b", css)} == set()


@pytest.mark.parametrize(
    ("filtered", "said"),
    [
        (points(Decimal("9.900")), "9.9"),
        (points(None), "–"),
        (points(7), "7"),
        (factor(Decimal(1)), "×1.0"),
        (factor(None), ""),
        (duration(timedelta(hours=26)), "1 day 2 h"),
        (duration(None), ""),
        (megabytes(312_400), "312 kB"),
        (megabytes(1_400_000), "1.4 MB"),
        (megabytes(12), "1 kB"),
        (share(Fraction(1, 3)), "0.33"),
        (share(Fraction(20)), "20"),
        (words("network_is_unreachable"), "network is unreachable"),
    ],
)
def test_filters_speak_as_people_read(filtered, said):
    assert filtered == said


def test_light_and_dark_define_every_token_once():
    tokens = Path(settings.BASE_DIR, "static", "gradus", "tokens.css").read_text()
    names = re.findall(r"^\s*(--[\w-]+):", tokens, flags=re.MULTILINE)
    everywhere = " ".join(p.read_text() for p in Path(settings.BASE_DIR, "static", "gradus").glob("*.css"))

    assert len(names) == len(set(names))
    assert set(re.findall(r"var\((--[\w-]+)", everywhere)) <= set(names)


def test_colours_are_tokens():
    for name in ("base", "layout", "components"):
        css = Path(settings.BASE_DIR, "static", "gradus", f"{name}.css").read_text()
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", css) == []
