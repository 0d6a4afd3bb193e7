"""The whole path in a real browser against the real product: lecturer, student, TA."""

import os
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from tests import factories as make
from tests.live import running

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; with CI set a skip is a failure.")
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def person(browser, live):
    """Signs a person in: `person("student")` gives their page. No script may fail, nothing may leave the machine."""
    pages: list[tuple[Page, list[str]]] = []

    def sign_in(login: str, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live.base)
        page = context.new_page()
        pages.append((page, problems := []))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        page.on(
            "request", lambda sent: problems.append(sent.url) if not sent.url.startswith((live.base, "data:")) else None
        )
        page.goto("/accounts/login/")
        page.get_by_label("Login").fill(login)
        page.get_by_label("Password").fill(make.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Your courses")).to_be_visible()
        return page

    yield sign_in
    for page, problems in pages:
        page.context.close()
        assert problems == []


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """Notebooks on disk, as people have them."""
    made = {
        "source": make.source_bytes(),
        "right": make.submitted(mark="right"),
        "wrong": make.submitted("def double(x):\n    return 4", mark="wrong"),
        "broken": b'{"cells": [',
        "pdf": b"%PDF-1.7",
        "bare": make.write_notebook(make.notebook(make.code("1 + 1"))),
    }
    paths = {}
    for name, content in made.items():
        paths[name] = tmp_path / f"{name}.ipynb"
        paths[name].write_bytes(content)
    return paths


def choose(page: Page, path: Path, button: str) -> None:
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name=button).click()


def accessible(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")]


def test_the_whole_path(person, files, live):
    lecturer = person("lecturer")
    lecturer.get_by_role("link", name="Deep Learning").click()
    lecturer.get_by_role("link", name="New assignment").click()
    lecturer.get_by_label("Title").fill("Doubling")
    lecturer.get_by_label("Short name").fill("doubling")
    lecturer.get_by_label("Order").fill("2")
    lecturer.get_by_label("Opens").fill("2020-01-01T00:00")
    lecturer.get_by_label("Due").fill(_local(live, hours=-2, minutes=-14))
    lecturer.get_by_role("button", name="Save").click()
    expect(lecturer.get_by_text("Next: upload the instructor notebook")).to_be_visible()

    choose(lecturer, files["bare"], "Upload and check")
    expect(lecturer.get_by_text("No cell is marked for nbgrader or Otter")).to_be_visible()
    choose(lecturer, files["source"], "Upload and check")
    expect(lecturer.get_by_text("3 graded cells, 6 points")).to_be_visible()
    lecturer.get_by_role("link", name="What the check found").click()
    expect(lecturer.get_by_text("The reference solution passes every test.")).to_be_visible(timeout=60_000)

    student = person("student", width=390)
    student.get_by_role("link", name="Deep Learning").click()
    student.get_by_role("link", name="Doubling").click()
    with student.expect_download() as download:
        student.get_by_role("link", name="Download the notebook").click()
    assert b"YOUR CODE HERE" in Path(download.value.path()).read_bytes()
    assert b"HIDDEN TESTS" not in Path(download.value.path()).read_bytes()
    expect(student.locator(".deadline")).to_contain_text("Handed in now it counts ×0.9")

    for wrong, says in (
        ("broken", "cut off while saving"),
        ("pdf", "PDF that was renamed"),
        ("bare", "another assignment"),
    ):
        choose(student, files[wrong], "Hand in")
        expect(student.get_by_role("alert")).to_contain_text(says)
    choose(student, files["right"], "Hand in")
    expect(student.get_by_text("Received. Grading has started.")).to_be_visible()
    expect(student.get_by_role("heading", name="Receipt")).to_be_visible()
    _move_due(live, "doubling", before_last_submission="hours=2, minutes=14")
    student.reload()
    expect(student.get_by_text("2 h 14 min late · ×0.9")).to_be_visible()
    row = student.locator("tr", has_text="double_test")
    expect(row).to_contain_text("Passed", timeout=60_000)
    expect(student.locator("tr", has_text="hidden_test")).to_contain_text("After release")
    result = student.url

    ta = person("ta")
    ta.get_by_role("link", name="Deep Learning").click()
    card = ta.locator("section", has_text="Doubling")
    card.get_by_role("link", name="Review").click()
    expect(ta.get_by_text("Because it is twice.")).to_be_visible()
    ta.get_by_label("Points of 3").fill("3")
    ta.get_by_label("Comment").first.fill("Well put.")
    ta.get_by_role("button", name="Save and next").click()
    expect(ta.get_by_text("Nothing waits for you here")).to_be_visible()

    student.goto(result)
    expect(student.get_by_text("Well put.")).to_have_count(0)

    lecturer.goto("/courses/dl/assignments/doubling/release/")
    expect(lecturer.get_by_text("(3 auto + 3 manual) × 0.9, 2 h 14 min late = 5.4 of 6")).to_be_visible()
    lecturer.get_by_role("button", name="Release to these students").click()
    expect(lecturer.get_by_text("Released 1 grade.")).to_be_visible()

    student.reload()
    expect(student.get_by_text("(3 auto + 3 manual) × 0.9, 2 h 14 min late = 5.4 of 6")).to_be_visible()
    expect(student.get_by_text("Well put.")).to_be_visible()

    lecturer.get_by_role("link", name="Gradebook").click()
    expect(lecturer.locator("thead")).to_contain_text("Numbers")
    expect(lecturer.locator("thead")).to_contain_text("20 %")


def test_a_replacement_that_costs_is_asked_for_first(person, files, live):
    live.shell(
        "from assignments.models import *; from datetime import timedelta; from django.utils import timezone; "
        "a = Assignment.objects.get(slug='numbers'); a.due_at = timezone.now() + timedelta(hours=1); a.save()"
    )
    student = person("classmate", width=390)
    student.goto("/courses/dl/assignments/numbers/")
    choose(student, files["wrong"], "Hand in")
    expect(student.get_by_text("Received. Grading has started.")).to_be_visible()
    _move_due(live, "numbers", before_last_submission="seconds=0")
    student.wait_for_timeout(1100)
    student.goto("/courses/dl/assignments/numbers/")

    choose(student, files["right"], "Hand in")
    expect(student.get_by_role("heading", name="Keep version 1")).to_be_visible()
    expect(student.locator("main")).to_contain_text("×1.0")
    expect(student.locator("main")).to_contain_text("×0.9")
    student.get_by_role("button", name="Keep it").click()
    expect(student.get_by_text("Kept. Your earlier version still counts.")).to_be_visible()

    choose(student, files["right"], "Hand in")
    student.get_by_role("button", name="Replace").click()
    expect(student.get_by_text("Replaced. This version counts now.")).to_be_visible()
    student.get_by_role("button", name="Put it back").click()
    expect(student.get_by_text("Version 1 counts again.")).to_be_visible()
    expect(student.get_by_text("This version counts.")).to_be_visible()


def test_the_path_works_without_javascript(browser, live, files):
    context = browser.new_context(base_url=live.base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill("third")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/courses/dl/assignments/numbers/")
    choose(page, files["right"], "Hand in")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    for _ in range(60):
        if "Passed" in page.content():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("tr", has_text="double_test")).to_contain_text("Passed")
    context.close()


PAGES = {
    "student": ("/", "/courses/dl/", "/courses/dl/assignments/", "/courses/dl/assignments/numbers/", "/courses/dl/grades/",
                "/courses/dl/assignments/numbers/more-time/", "/calendar/",
                "/courses/dl/regrades/"),
    "ta": ("/courses/dl/", "/courses/dl/assignments/numbers/submissions/", "/courses/dl/people/",
           "/courses/dl/assignments/numbers/statistics/",
           "/courses/dl/assignments/numbers/rubric/?cell=analysis"),
    "lecturer": (
        "/courses/dl/gradebook/", "/courses/dl/assignments/numbers/", "/courses/dl/assignments/numbers/release/",
        "/courses/dl/gradebook/summary/", "/courses/dl/gradebook/columns/", "/courses/dl/gradebook/exam/3/",
        "/courses/dl/assignments/numbers/extensions/", "/courses/dl/assignments/new/", "/operations/",
        "/courses/dl/syllabus/", "/courses/dl/setup/", "/courses/dl/people/import/", "/new-course/",
        "/courses/dl/assignments/numbers/similarity/", "/courses/dl/assignments/numbers/marking/",
        "/courses/dl/late-rule/", "/courses/dl/marks/", "/courses/dl/weights/",
        "/courses/dl/people/add/", "/courses/dl/people/1/", "/courses/dl/announcements/",
        "/courses/dl/next/",
        *(f"/courses/dl/setup/{part}/" for part in ("facts", "calendar", "holidays", "slots", "topics", "stages")),
        "/courses/dl/marks/exam/",
        "/accounts/password/change/",
    ),
}  # fmt: skip


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_are_accessible_and_fit_their_width(person, login, width, scheme):
    """Contrast depends on the scheme and not on the width: one of each is enough."""
    page = person(login, width=width)
    page.emulate_media(color_scheme=scheme)
    for address in PAGES[login]:
        page.goto(address)

        assert (address, accessible(page)) == (address, [])
        assert (address, page.evaluate("document.documentElement.scrollWidth")) == (address, width)


def test_links_lead_somewhere(person):
    """Every link on the pages a role can reach answers; nothing ends in a dead end."""
    page = person("lecturer")
    seen, waiting = set(), ["/", "/courses/dl/"]
    while waiting:
        address = waiting.pop()
        if address in seen or re.search(
            r"logout|/source/|course-file|student-version|/file/|\d/receipt/|\.(csv|xlsx|tex)(\?|$)", address
        ):
            continue
        seen.add(address)
        assert (address, page.goto(address).status) == (address, 200)
        waiting += page.eval_on_selector_all("a[href^='/']", "links => links.map(a => a.getAttribute('href'))")
    assert len(seen) > 12


def _move_due(live, slug, *, before_last_submission) -> None:
    """The lecturer moves the due time, to an exact distance from what was handed in."""
    live.shell(
        "from assignments.models import *; from datetime import timedelta; s = Submission.objects.latest('pk'); "
        f"Assignment.objects.filter(slug={slug!r}).update(due_at=s.received_at - timedelta({before_last_submission}))"
    )


def _local(live, **ago) -> str:
    """A time from now in the course's zone, as a date field takes it. Seconds are the end of the minute."""
    program = (
        "from datetime import timedelta; from django.utils import timezone; import zoneinfo; "
        f"t = timezone.now() + timedelta(**{ago!r}); "
        "print(t.astimezone(zoneinfo.ZoneInfo('Asia/Shanghai')).strftime('%Y-%m-%dT%H:%M'))"
    )
    return live.shell(program)


@pytest.mark.parametrize("blueprint", sorted(path.stem for path in Path("courses/blueprints").glob("*.yaml")))
def test_a_lecturer_makes_a_course_from_a_blueprint_and_a_student_finds_it(person, blueprint):
    lecturer = person("lecturer")
    lecturer.get_by_role("link", name="New course").click()
    lecturer.get_by_label("Blueprint").select_option(blueprint)
    lecturer.get_by_label("First day of week 1").fill("2026-09-07")
    lecturer.get_by_label("Address").fill(blueprint)
    lecturer.get_by_label("Term").fill("Autumn 2026")
    lecturer.get_by_role("button", name="Make the course").click()
    expect(lecturer.get_by_text("Draft: only staff see it")).to_be_visible()
    lecturer.get_by_role("button", name="Publish").click()
    expect(lecturer.get_by_text("Published: students see it")).to_be_visible()

    lecturer.get_by_role("navigation", name="Course").get_by_role("link", name="People").click()
    lecturer.get_by_role("link", name="Import a roster").click()
    lecturer.get_by_label("Or paste it here").fill("Name,Email\nStudent,student@gradus.example\n")
    lecturer.get_by_role("button", name="Read it").click()
    expect(lecturer.get_by_text("New here, has an account")).to_be_visible()
    lecturer.get_by_role("button", name="Apply").click()
    expect(lecturer.get_by_text("The roster is in.")).to_be_visible()

    student = person("student", width=390)
    student.locator(f'a[href="/courses/{blueprint}/"]').click()
    student.get_by_role("link", name="Syllabus").first.click()
    expect(student.get_by_role("heading", name="Syllabus", exact=True)).to_be_visible()
    for page in (lecturer, student):
        assert accessible(page) == []
