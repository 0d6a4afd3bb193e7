"""A mark in a real browser: from the desk to its student, down to its test, appealed, and weighed otherwise."""

import pytest
from playwright.sync_api import expect

from tests.test_journey import accessible, browser, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
COURSE = "/courses/dl/"
NUMBERS = COURSE + "assignments/numbers/"
PREPARE = """
from decimal import Decimal
from assignments.models import Assignment
from courses.models import Enrolment
from grading.services.marks import NewMark, record_marks
from tests import factories as make
assignment = Assignment.objects.get(course__slug="dl", slug="numbers")
people = {e.user.username: e for e in Enrolment.objects.filter(course__slug="dl").select_related("user")}
for login, double in (("student", "0"), ("classmate", "2")):
    submission = make.make_submission(assignment, people[login])
    make.run_of(submission, double=double)
    marks = {"analysis": NewMark(Decimal(1), "Too short.")}
    record_marks(submission=submission, by=people["ta"], marks=marks, maxima={"analysis": Decimal(3)}, seen=0)
"""


@pytest.fixture(scope="module")
def marked(live):  # noqa: F811
    live.shell(PREPARE)
    return live


def main(page):
    return page.locator("main")


def test_a_release_is_rehearsed_held_back_for_one_and_made(person, marked):  # noqa: F811
    lecturer = person("lecturer")
    lecturer.goto(NUMBERS + "release/")
    lecturer.get_by_role("link", name="As they would see it").last.click()
    expect(main(lecturer)).to_contain_text("Nothing is kept, nobody is told.")
    expect(main(lecturer)).to_contain_text("Too short.")
    assert accessible(lecturer) == []
    lecturer.go_back()

    lecturer.locator("#hold_student").select_option(label="Classmate")
    lecturer.get_by_label("Why (the student does not read it)").fill("Talk first.")
    lecturer.get_by_role("button", name="Hold back").click()
    expect(main(lecturer)).to_contain_text("Classmate is held back.")
    lecturer.get_by_role("button", name="Release to these students").click()
    expect(main(lecturer)).to_contain_text("Released 1 grade.")
    assert accessible(lecturer) == []

    classmate = person("classmate", width=390)
    classmate.goto(COURSE + "grades/")
    expect(main(classmate)).not_to_contain_text("Too short")
    expect(main(classmate)).to_contain_text("Handed in, not released yet")


def test_a_student_follows_a_mark_down_to_its_test(person, marked):  # noqa: F811
    student = person("student", width=390)
    student.goto(COURSE + "grades/")
    expect(main(student)).to_contain_text("(1 auto + 1 manual) × 1.0, on time = 2 of 6")
    student.get_by_role("link", name="Numbers").click()

    row = student.locator("tr", has_text="double_test")
    expect(row).to_contain_text("Failed")
    expect(row).to_contain_text("AssertionError")
    expect(row).to_contain_text("0 of 2")
    expect(student.locator("tr", has_text="analysis")).to_contain_text("Too short.")
    expect(main(student)).to_contain_text("SHA-256")


def test_supposing_a_mark_stores_nothing(person, marked):  # noqa: F811
    student = person("student", width=390)
    student.goto(COURSE + "grades/")
    student.get_by_label("Supposed mark of Exam").fill("90")
    student.get_by_role("button", name="What would be if").click()

    expect(main(student)).to_contain_text("With the marks you supposed")
    expect(main(student)).to_contain_text("78.67")
    assert accessible(student) == []
    student.get_by_role("link", name="Without them").click()
    expect(student.get_by_label("Supposed mark of Exam")).to_have_value("")


def test_an_appeal_is_won(person, marked):  # noqa: F811
    student, ta, lecturer = person("student", width=390), person("ta"), person("lecturer")
    student.goto(COURSE + "grades/")
    student.get_by_role("link", name="Numbers").click()
    student.locator("tr", has_text="analysis").get_by_role("link", name="Ask to look again").click()
    student.get_by_role("textbox").fill("The second paragraph answers it.")
    student.get_by_role("button", name="Ask").click()
    expect(main(student)).to_contain_text("Asked.")

    ta.goto(COURSE)
    ta.get_by_role("link", name="regrade").first.click()
    ta.get_by_role("link", name="Numbers: analysis").click()
    expect(main(ta)).to_contain_text("The second paragraph answers it.")
    ta.get_by_label("Decision").select_option(label="Accept")
    ta.get_by_label("Points from now on").fill("3")
    ta.get_by_label("Why", exact=True).fill("You are right, I missed it.")
    ta.get_by_role("button", name="Decide").click()
    expect(main(ta)).to_contain_text("Decided, and the points are changed.")

    student.reload()
    expect(main(student)).to_contain_text("You are right, I missed it.")
    student.goto(COURSE + "grades/")
    expect(main(student)).to_contain_text("= 2 of 6")
    lecturer.goto(NUMBERS + "release/")
    expect(main(lecturer)).to_contain_text("(shown before: 2)")
    lecturer.get_by_role("button", name="Release to these students").click()
    student.reload()
    expect(main(student)).to_contain_text("(1 auto + 3 manual) × 1.0, on time = 4 of 6")


def test_a_lecturer_previews_changes_and_explains_a_weight(person, marked):  # noqa: F811
    lecturer = person("lecturer")
    lecturer.goto(COURSE + "weights/")
    lecturer.get_by_label("Weight of Exam").fill("50")
    lecturer.get_by_label("Weight of Assignments").fill("50")
    lecturer.get_by_role("button", name="Show the effect").click()
    expect(main(lecturer)).to_contain_text("What these weights would do")
    lecturer.get_by_role("button", name="Save these weights").click()
    expect(main(lecturer)).to_contain_text("Grades were released: say why the weights change.")
    lecturer.get_by_label("Reason").fill("The exam was shortened.")
    lecturer.get_by_role("button", name="Save these weights").click()
    expect(main(lecturer)).to_contain_text("The weights hold from now on.")

    student = person("student")
    student.goto(COURSE + "grades/")
    row = student.locator("tr", has_text="Exam")
    expect(row).to_contain_text("50 %")


def test_the_gradebook_leads_from_a_number_to_all_that_happened(person, marked):  # noqa: F811
    lecturer = person("lecturer")
    lecturer.goto(COURSE + "gradebook/")
    lecturer.get_by_label("Name or number").fill("student")
    lecturer.get_by_role("button", name="Show").click()
    lecturer.locator("tbody tr").first.get_by_role("link").first.click()
    expect(main(lecturer)).to_contain_text("Handed in version 1")
    expect(main(lecturer)).to_contain_text("analysis of version 1: 3 points")
    lecturer.get_by_label("Points instead of those reckoned").fill("5")
    lecturer.get_by_label("Why").fill("Agreed with the TA.")
    lecturer.get_by_role("button", name="Rule so").click()

    expect(main(lecturer)).to_contain_text("Ruled 5 points: Agreed with the TA.")
    assert accessible(lecturer) == []


def test_marks_are_taken_back_and_the_student_is_told(person, marked):  # noqa: F811
    lecturer, student = person("lecturer"), person("student", width=390)
    lecturer.goto(NUMBERS + "release/")
    lecturer.get_by_label("Why (the students read it)").fill("A test was wrong.")
    lecturer.get_by_role("button", name="Take back what was released").click()
    expect(main(lecturer)).to_contain_text("Taken back from 1 student")

    student.goto(COURSE + "grades/")
    expect(main(student)).not_to_contain_text("of 6")
    sent = marked.shell("from courses.models import OutgoingMail; print(OutgoingMail.objects.latest('pk').body)")
    assert "A test was wrong." in sent
