"""A group's notebook and a student's paper in a real browser: made, handed in, marked, released, read by each member."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from papercheck.tests.papers import made
from tests import factories as make
from tests.test_journey import accessible, browser, choose, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
COURSE = "/courses/dl/"
PHONE = 390


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    """What people have on disk."""
    contents = {
        "source.ipynb": make.source_bytes(),
        "right.ipynb": make.submitted(mark="pair"),
        "essay.pdf": made.paper(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def main(page):
    return page.locator("main")


def fits(page):
    """Nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def new_assignment(page, title, slug, **chosen):
    """The lecturer's form; `chosen`: label → option."""
    page.goto(COURSE + "assignments/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Short name").fill(slug)
    for label, option in chosen.items():
        page.get_by_label(label.replace("_", " ")).select_option(label=option)
    page.get_by_label("Opens").fill("2020-01-01T00:00")
    page.get_by_label("Due").fill("2099-01-01T00:00")


def test_pairs_hand_in_a_notebook_and_each_reads_the_mark(person, files):  # noqa: F811
    lecturer, student, classmate = person("lecturer"), person("student", width=PHONE), person("classmate", width=PHONE)
    lecturer.goto(COURSE + "setup/groups/")
    for label, value in (("Title", "Pairs"), ("Short name", "pairs"), ("Smallest group", "2"), ("Largest group", "2")):
        lecturer.get_by_label(label).first.fill(value)
    lecturer.get_by_role("button", name="Save").click()
    new_assignment(lecturer, "Doubling", "doubling", Handed_in_by="groups: Pairs")
    lecturer.get_by_role("button", name="Save").click()
    choose(lecturer, files["source.ipynb"], "Upload and check")
    expect(main(lecturer)).to_contain_text("3 graded cells, 6 points")

    student.goto(COURSE + "assignments/doubling/")
    student.get_by_role("link", name="Find a group").click()
    student.get_by_label("Name of the new group").fill("Owls")
    student.get_by_role("button", name="Make the group").click()
    code = student.locator("main code").first.inner_text()
    assert fits(student)
    assert accessible(student) == []
    classmate.goto(COURSE + "groups/pairs/find/")
    classmate.get_by_label("Code").fill(code)
    classmate.get_by_role("button", name="Join by the code").click()
    expect(main(classmate)).to_contain_text("You are in Owls.")

    classmate.goto(COURSE + "assignments/doubling/")
    choose(classmate, files["right.ipynb"], "Hand in")
    expect(main(classmate)).to_contain_text("Received. Grading has started.")
    assert fits(classmate)
    student.goto(COURSE + "assignments/doubling/")
    expect(main(student)).to_contain_text("Versions of Owls")

    lecturer.goto(COURSE + "assignments/doubling/review/")
    lecturer.locator("[name^=points-]").first.fill("3")
    lecturer.get_by_role("button", name="Save").first.click()
    lecturer.goto(COURSE + "assignments/doubling/release/")
    lecturer.get_by_role("button", name="Release to these students").click()
    expect(main(lecturer)).to_contain_text("Released 2 grades.")
    for member in (student, classmate):
        member.goto(COURSE + "assignments/doubling/")
        member.get_by_role("link", name="Version 1").click()
        expect(main(member)).to_contain_text("6 of 6")
        expect(member.locator("tr", has_text="analysis")).to_contain_text("3 of 3")


def test_a_students_paper_is_marked_page_by_page(person, files):  # noqa: F811
    lecturer, student, ta = person("lecturer"), person("student", width=PHONE), person("ta")
    new_assignment(lecturer, "Essay", "essay", What_is_handed_in="Paper (PDF)")
    lecturer.get_by_label("Questions").fill("What did you read?\nWhat do you doubt?")
    lecturer.get_by_role("button", name="Save").click()
    lecturer.get_by_role("link", name="What it is marked by").click()
    expect(lecturer.locator("input[value='What do you doubt?']")).to_be_visible()

    student.goto(COURSE + "assignments/essay/")
    assert accessible(student) == []
    choose(student, files["essay.pdf"], "Hand in")
    expect(main(student)).to_contain_text("Format check")
    assert fits(student)

    ta.goto(COURSE + "assignments/essay/review/")
    expect(ta.locator("figure img").first).to_be_visible(timeout=60_000)
    for place, field in enumerate(ta.locator("[name^=points-]").all()):
        field.fill(str(place + 1))
    assert accessible(ta) == []
    ta.get_by_role("button", name="Save").first.click()

    lecturer.goto(COURSE + "assignments/essay/release/")
    lecturer.get_by_role("button", name="Release to these students").click()
    student.goto(COURSE + "assignments/essay/")
    student.get_by_role("link", name="Version 1").click()
    expect(main(student)).to_contain_text("6 of 100")
    student.locator("tr", has_text="What do you doubt?").get_by_role("link", name="Ask to look again").click()
    student.get_by_role("textbox").fill("It is on page two.")
    student.get_by_role("button", name="Ask").click()
    expect(main(student)).to_contain_text("Essay: What do you doubt?")
    assert fits(student)


def test_files_are_read_line_by_line_and_the_feedback_is_kept(person, files, tmp_path):  # noqa: F811
    lecturer, student, ta = person("lecturer"), person("student", width=PHONE), person("ta")
    (tmp_path / "train.py").write_text("import os\nrate = 10\n")
    (tmp_path / "notes.md").write_text("# Notes\n")
    new_assignment(lecturer, "Loop", "loop", What_is_handed_in="Files of code or text")
    lecturer.get_by_label("Questions").fill("Does it train?")
    expect(lecturer.get_by_label("Minutes for a notebook")).to_be_hidden()
    lecturer.get_by_role("button", name="Save").click()

    student.goto(COURSE + "assignments/loop/")
    student.locator("input[type=file]").set_input_files([tmp_path / "train.py", tmp_path / "notes.md"])
    student.get_by_role("button", name="Hand in").click()
    expect(student.locator("tr", has_text="train.py")).to_contain_text("2 lines", timeout=60_000)
    assert accessible(student) == []
    assert fits(student)
    student.get_by_role("link", name="train.py").click()
    expect(student.frame_locator("iframe.notebook").locator("#file-2-line-2")).to_contain_text("rate = 10")

    ta.goto(COURSE + "assignments/loop/review/")
    ta.get_by_label("File").select_option(label="train.py")
    ta.get_by_label("Line").fill("2")
    ta.get_by_role("textbox", name="Note").fill("Too high.")
    ta.get_by_role("button", name="Add the note").click()
    ta.get_by_role("link", name="train.py, line 2").click()
    expect(ta.frame_locator("iframe.notebook").locator(".line:target")).to_contain_text("rate = 10")
    for field in ta.locator("[name^=points-]").all():
        field.fill("5")
    assert accessible(ta) == []
    ta.get_by_role("button", name="Save").first.click()

    lecturer.goto(COURSE + "assignments/loop/release/")
    lecturer.get_by_role("button", name="Release to these students").click()
    student.goto(COURSE + "assignments/loop/")
    student.get_by_role("link", name="Version 1").click()
    expect(main(student)).to_contain_text("10 of 100")
    expect(main(student)).to_contain_text("train.py, line 2: Too high.")
    with student.expect_download() as kept:
        student.get_by_role("link", name="Keep the feedback").click()
    assert kept.value.suggested_filename == "loop-v1-feedback.html"
    assert "Too high." in kept.value.path().read_text()
