"""A lecturer's term in a real browser: weights, dates, people, more time, announcements, next year."""

import pytest
from playwright.sync_api import Page, expect

from tests.test_journey import accessible, browser, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
COURSE = "/courses/dl/"
NUMBERS = COURSE + "assignments/numbers/"


def said(page: Page, text: str) -> None:
    expect(page.locator("main")).to_contain_text(text)


def test_weights_sum_while_they_are_typed_and_hold_after_their_effect_was_seen(person):  # noqa: F811
    page = person("lecturer")
    page.goto(COURSE + "weights/")
    balance = page.locator("#balance")
    expect(balance).to_contain_text("80 %")

    page.get_by_label("Weight of Exam").fill("7/10")
    page.keyboard.press("Tab")
    expect(balance).to_contain_text("Course: the parts sum to 90, 10 are left.")
    page.get_by_label("Weight of Exam").fill("")
    page.get_by_role("button", name="Course", exact=True).click()
    expect(page.get_by_label("Weight of Exam")).to_have_value("80")

    page.get_by_label("Weight of Exam").fill("60%")
    page.get_by_label("Weight of Assignments").fill("40")
    page.get_by_role("button", name="Show the effect").click()
    said(page, "What these weights would do")
    assert accessible(page) == []
    page.get_by_role("button", name="Save these weights").click()
    said(page, "The weights hold from now on.")
    expect(page.get_by_label("Weight of Exam")).to_have_value("60")


def test_a_part_is_added_by_keyboard_alone(person):  # noqa: F811
    page = person("lecturer")
    page.goto(COURSE + "weights/")
    page.get_by_label("Add", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    name = page.get_by_label("Name of part 5")
    expect(name).to_have_value("")
    name.fill("Talk")
    page.get_by_label("Weight of this part").fill("0")
    page.get_by_label("Weight of this part").press("Tab")
    expect(page.locator("#balance")).to_contain_text("Talk")


def test_a_holiday_shows_which_due_times_move(person, live):  # noqa: F811
    live.shell(
        "from assignments.models import *; from term.setup.calendar import resolve_dates; "
        "Assignment.objects.filter(slug='numbers').update(due_when='week 6', opens_when='week 1'); "
        "from courses.models import Course; resolve_dates(Course.objects.get(slug='dl'))"
    )
    first = live.shell(
        "from courses.models import Course; from datetime import timedelta; "
        "print(Course.objects.get(slug='dl').calendar.monday(4))"
    )
    page = person("lecturer")
    page.goto(COURSE + "setup/holidays/")
    page.get_by_label("Name").first.fill("Spring festival")
    page.get_by_label("First day").first.fill(first)
    page.get_by_label("Last day").first.fill(first)
    page.get_by_label("Pauses").first.check()
    page.get_by_role("button", name="Save").click()

    said(page, "Numbers is due")
    said(page, "(week 6)")
    assert accessible(page) == []
    page.get_by_role("button", name="Save it").first.click()
    said(page, "Saved.")
    expect(page.get_by_label("Name").first).to_have_value("Spring festival")


def test_a_student_asks_for_more_time_and_gets_it(person):  # noqa: F811
    student = person("third", width=390)
    student.goto(NUMBERS)
    student.get_by_role("link", name="Ask for more time").click()
    student.get_by_label("Needed until").fill("2030-01-01T12:00")
    student.get_by_label("Why").fill("In hospital")
    student.get_by_role("button", name="Ask").click()
    said(student, "Your request waits for an answer")
    assert accessible(student) == []

    ta = person("ta")
    ta.goto(COURSE)
    ta.get_by_role("link", name="1 request for more time").click()
    said(ta, "In hospital")
    ta.get_by_role("link", name="Look at granting it").click()
    expect(ta.get_by_label("New due time")).to_have_value("2030-01-01T12:00")
    ta.get_by_role("button", name="Grant", exact=True).click()
    said(ta, "Granted. It holds at once")

    student.goto(NUMBERS)
    said(student, "1 Jan, 12:00")
    said(student, "(your extension)")


def test_staff_see_the_course_as_a_student_does(person):  # noqa: F811
    page = person("lecturer", width=390)
    page.goto(COURSE + "setup/")
    page.get_by_role("button", name="See it as a student").click()

    expect(page.get_by_text("You see the course as a student does")).to_be_visible()
    expect(page.get_by_role("link", name="Set-up")).to_have_count(0)
    page.goto(NUMBERS)
    said(page, "Nothing handed in yet")
    assert accessible(page) == []
    page.get_by_role("button", name="Back to the staff view").click()
    expect(page.get_by_role("link", name="Set-up")).to_be_visible()


def test_an_announcement_reaches_the_students_home(person):  # noqa: F811
    lecturer = person("lecturer")
    lecturer.goto(COURSE + "announcements/")
    lecturer.get_by_text("Tell the course something").click()
    lecturer.get_by_label("Title").fill("Room changes")
    lecturer.get_by_label("Text").fill("From **Monday** in A2; we derive $\\frac{1}{n}\\sum_i x_i$.")
    lecturer.get_by_role("button", name="Post").click()
    said(lecturer, "Posted.")

    student = person("student", width=390)
    student.goto(COURSE)
    said(student, "Room changes")
    expect(student.locator("math")).to_have_count(1)
    assert accessible(student) == []


def test_next_years_course_is_made_with_its_report(person):  # noqa: F811
    page = person("lecturer")
    page.goto(COURSE + "setup/")
    page.get_by_role("link", name="Next year's course").click()
    page.get_by_label("First day of week 1").fill("2031-09-01")
    page.get_by_label("Address").fill("dl-next")
    page.get_by_label("Term").fill("Autumn 2031")
    page.get_by_role("button", name="Show the report").click()
    said(page, "Stays behind")
    assert accessible(page) == []

    page.get_by_role("button", name="Make the course").click()
    said(page, "Made from Deep Learning")
    page.goto("/courses/dl-next/setup/")
    said(page, "Draft: only staff see it")
    page.goto("/courses/dl-next/weights/")
    said(page, "How it sums")


def test_a_colleague_is_added_and_given_a_section(person):  # noqa: F811
    page = person("lecturer", width=390)
    page.goto(COURSE + "people/")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name").fill("Noor Haddad")
    page.get_by_label("Mail address").fill("noor@gradus.example")
    page.get_by_label("Informatics").check()
    page.get_by_role("button", name="Save").click()
    said(page, "Noor Haddad is in the course.")

    page.get_by_role("link", name="Noor Haddad").click()
    expect(page.get_by_label("Informatics")).to_be_checked()
    page.get_by_role("button", name="Leaves the course").click()
    said(page, "Noor Haddad left the course.")
