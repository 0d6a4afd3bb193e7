"""A project in a real browser: five students on their phones, a late replacement, a TA at the pages, a tie, a ballot by touch."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from papercheck.tests.papers import made
from tests import factories as make
from tests.test_journey import accessible, browser, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
PROJECT = "/courses/dl/project/"
GROUPS = "/courses/dl/groups/project/"
PROPOSAL = "/courses/dl/assignments/proposal/"
PHONE = 390
PREPARE = """
from datetime import timedelta
from django.utils import timezone
from courses.models import Course, Section
from tests import factories as make, groups
course = Course.objects.get(slug="dl")
talks = {"groups": 4, "minutes": 10, "ranked_by": "report", "others": "poster"}
ballot = {"least": 3, "highest_mark": 100, "lowest_mark": 60}
groups.make_project(course, due_at=timezone.now() + timedelta(days=3), talks=talks, ballot=ballot)
section = course.sections.order_by("pk").first()
for number in range(1, 4):
    make.enrol(course, section=section, login=f"member{number}")
"""
MARKED = """
from datetime import timedelta
from decimal import Decimal
from courses.models import Course, Enrolment
from projects.selectors import project_of
from tests import factories as make, groups
course = Course.objects.get(slug="dl")
lecturer = course.enrolments.select_related("user", "course").get(user__username="lecturer")
project = project_of(course.pk)
report = groups.stage_of(project, "report")
groups.make_criteria(report, 100)
section = course.sections.order_by("pk").first()
for number, mark in enumerate((95, 90, 85, 80, 80, 70), start=1):
    group = groups.make_group(project, make.enrol(course, section=section), name=f"Team {number}")
    groups.make_deliverable(report, group)
    groups.mark_group(report, group, lecturer, mark)
"""


@pytest.fixture(scope="module")
def project(live):  # noqa: F811
    live.shell(PREPARE)
    return live


@pytest.fixture
def papers(tmp_path) -> dict[str, Path]:
    """PDFs on disk, as people have them."""
    contents = {"one": made.paper(), "two": made.paper(columns=1, pages=4), "broken": b"%PDF-1.7 no more"}
    paths = {name: tmp_path / f"{name}.pdf" for name in contents}
    for name, path in paths.items():
        path.write_bytes(contents[name])
    return paths


def main(page):
    return page.locator("main")


def fits(page):
    """Nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_five_students_form_a_group_on_their_phones(person, project):  # noqa: F811
    first = person("student", width=PHONE)
    first.goto(PROJECT)
    first.get_by_label("Name of the new group").fill("Owls")
    first.get_by_role("button", name="Make the group").click()
    expect(main(first)).to_contain_text("Owls is made.")
    code = first.locator("main code").first.inner_text()
    first.get_by_role("link", name="Invite, look for members, merge").click()
    first.get_by_label("Whom Owls looks for").fill("One who writes")
    main(first).get_by_role("button", name="Save").click()
    first.get_by_label("Student number, login or mail address").fill("member1")
    first.get_by_role("button", name="Invite").click()
    expect(main(first)).to_contain_text("Invited.")
    assert fits(first)
    assert accessible(first) == []

    by_code = person("classmate", width=PHONE)
    by_code.goto(PROJECT)
    by_code.get_by_label("Code of the group").fill(f" {code.lower()} ")
    by_code.get_by_role("button", name="Join").click()
    expect(main(by_code)).to_contain_text("You are in Owls.")

    invited = person("member1", width=PHONE)
    invited.goto(GROUPS + "find/")
    expect(main(invited)).to_contain_text("Owls invites you.")
    invited.get_by_role("button", name="Join", exact=True).click()
    expect(main(invited)).to_contain_text("Member1 is in Owls now.")

    for login in ("member2", "member3"):
        asking = person(login, width=PHONE)
        asking.goto(GROUPS + "find/")
        asking.get_by_label("A word to Owls").fill("I write.")
        asking.get_by_role("button", name="Ask to join").click()
        expect(main(asking)).to_contain_text("You asked Owls")
        assert fits(asking)
        first.goto(GROUPS + "find/")
        expect(main(first)).to_contain_text(f"{login.title()} wants to join you. “I write.”")
        first.get_by_role("button", name="Take in").click()
        expect(main(first)).to_contain_text(f"{login.title()} is in Owls now.")

    first.goto(PROJECT)
    for name in ("Student (you)", "Classmate", "Member1", "Member2", "Member3"):
        expect(main(first)).to_contain_text(name)
    assert accessible(first) == []


def test_a_topic_is_proposed_talked_about_and_approved(person, project):  # noqa: F811
    student, ta = person("student", width=PHONE), person("ta")
    student.goto(PROJECT)
    student.get_by_role("link", name="propose one").click()
    student.get_by_label("Topic").fill("Leaves and layers")
    student.get_by_role("button", name="Propose").click()
    expect(main(student)).to_contain_text("Your TA is told")

    ta.goto("/courses/dl/")
    ta.get_by_role("link", name="1 topic waits for a word of yours").click()
    ta.get_by_role("link", name="Leaves and layers").click()
    ta.get_by_label("Your words").fill("Which data?")
    ta.get_by_role("button", name="To discuss").click()
    student.reload()
    expect(main(student)).to_contain_text("Which data?")
    student.get_by_label("Your words").fill("Those of the garden.")
    student.get_by_role("button", name="Send").click()
    ta.reload()
    expect(main(ta)).to_contain_text("Those of the garden.")
    ta.get_by_role("button", name="Approve").click()
    expect(main(ta).locator(".badge", has_text="Approved")).to_be_visible()
    assert accessible(ta) == []


def test_a_pdf_is_checked_handed_in_and_told_about(person, project, papers):  # noqa: F811
    student = person("student", width=PHONE)
    student.goto(PROPOSAL)
    student.get_by_role("link", name="Check a PDF first").click()
    student.locator("input[type=file]").set_input_files(papers["two"])
    student.get_by_role("button", name="Check it").click()
    expect(main(student)).to_contain_text("Content fills 4 pages; at most 2 are asked for.")
    assert accessible(student) == []

    student.goto(PROPOSAL)
    student.locator("input[type=file]").set_input_files(papers["broken"])
    student.get_by_role("button", name="Hand in").click()
    expect(main(student)).to_contain_text("This PDF looks cut off: its end is missing, and pages with it.")
    assert accessible(student) == []
    student.get_by_role("button", name="Another file").click()
    expect(main(student)).to_contain_text("That file was thrown away.")
    student.locator("input[type=file]").set_input_files(papers["one"])
    student.get_by_role("button", name="Hand in").click()
    expect(main(student)).to_contain_text("Everybody in your group is told by mail.")
    expect(student.get_by_alt_text("Page 1")).to_be_visible(timeout=60_000)
    assert student.get_by_alt_text("Page 1").evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    assert fits(student)
    assert accessible(student) == []

    other = person("member3", width=PHONE)
    other.goto("/courses/dl/")
    expect(main(other).locator("tr", has_text="Proposal")).to_contain_text("Version 1, on time")


def test_a_late_replacement_is_refused_by_the_student_who_saw_both_outcomes(person, project, papers):  # noqa: F811
    project.shell(
        "from datetime import timedelta\nfrom django.utils import timezone\n"
        "from assignments.models import Assignment, Submission\n"
        "Assignment.objects.filter(slug='proposal').update(due_at=timezone.now() - timedelta(hours=26))\n"
        "from django.db import connection\n"
        "old = Submission.objects.get()\n"
        "new = {f.attname: getattr(old, f.attname) for f in old._meta.concrete_fields if f.attname != 'id'}\n"
        "members = list(old.members.all())\n"
        "early = timezone.now() - timedelta(hours=40)\n"
        "from grading.models import Review, Run\nReview.objects.all().delete()\nRun.objects.all().delete()\n"
        "old.members.clear()\nold.delete()\n"
        "made = Submission.objects.create(**new | dict(received_at=early, completed_at=early, accepted_at=early))\n"
        "made.members.set(members)\n"
        "from grading.services.runs import queue_submission\nqueue_submission(submission=made)\n"
    )
    classmate = person("classmate", width=PHONE)
    classmate.goto(PROPOSAL)
    expect(main(classmate)).to_contain_text("handed in now it counts ×0.7")
    classmate.locator("input[type=file]").set_input_files(papers["two"])
    classmate.get_by_role("button", name="Hand in").click()

    expect(main(classmate)).to_contain_text("This would lower your group’s factor")
    expect(main(classmate).locator("section", has_text="Keep version 1")).to_contain_text("×1.0")
    replace = main(classmate).locator("section", has_text="Replace it")
    expect(replace).to_contain_text("×0.7")
    expect(replace).to_contain_text("1 day 2 h late")
    expect(replace).to_contain_text("Content fills 4 pages")
    assert fits(classmate)
    assert accessible(classmate) == []
    classmate.get_by_role("button", name="Keep it").click()
    expect(main(classmate)).to_contain_text("Kept. Your earlier version still counts.")
    expect(main(classmate)).to_contain_text("on time")


def test_a_ta_marks_by_the_courses_questions_and_points_at_a_place(person, project):  # noqa: F811
    lecturer, ta = person("lecturer"), person("ta")
    lecturer.goto(PROPOSAL)
    lecturer.get_by_role("link", name="What it is marked by").click()
    lecturer.get_by_role("button", name="Save").click()
    expect(main(lecturer)).to_contain_text("Saved.")
    assert accessible(lecturer) == []

    ta.goto("/courses/dl/")
    ta.locator("section", has_text="Proposal").get_by_role("link", name="Review").first.click()
    page = ta.locator("#page-1 svg")
    expect(page).to_be_visible(timeout=60_000)
    box = page.bounding_box()
    ta.mouse.move(box["x"] + 60, box["y"] + 80)
    ta.mouse.down()
    ta.mouse.move(box["x"] + 260, box["y"] + 140, steps=4)
    ta.mouse.up()
    expect(ta.locator("#note-page")).to_have_value("1")
    ta.locator("#note-text").fill("Say this first.")
    ta.get_by_role("button", name="Add the note").click()
    expect(ta.locator("#page-1 .note-place")).to_have_count(1)
    expect(ta.locator("#page-1")).to_contain_text("Say this first.")

    for field, points in zip(ta.locator("#desk input[inputmode=decimal]").all(), ("70", "18"), strict=True):
        field.fill(points)
    ta.locator("#desk textarea").first.fill("Clear.")
    ta.get_by_role("button", name="Save and next").click()
    expect(main(ta)).to_contain_text("Nothing waits for you here.")
    expect(main(ta).locator("tr", has_text="Owls")).to_contain_text("88")
    assert accessible(ta) == []

    student = person("member2", width=PHONE)
    student.goto(PROPOSAL)
    student.get_by_role("link", name="Version 1").click()
    expect(main(student)).not_to_contain_text("Clear.")
    lecturer.goto(PROPOSAL + "release/")
    lecturer.get_by_role("button", name="Release").first.click()
    student.reload()
    expect(main(student)).to_contain_text("88 of 100")
    expect(main(student)).to_contain_text("Clear.")
    expect(student.locator("#page-1")).to_contain_text("Say this first.")


def test_the_lecturer_resolves_a_tie_and_plans_the_talks(person, project):  # noqa: F811
    project.shell(MARKED)
    lecturer = person("lecturer")
    lecturer.goto(PROJECT)
    lecturer.get_by_role("link", name="Who talks").click()
    expect(main(lecturer)).to_contain_text("6 of 7 reports marked")
    expect(main(lecturer)).to_contain_text("2 groups have the same mark, and 1 place is left.")
    lecturer.get_by_role("button", name="Confirm who talks").click()
    expect(main(lecturer)).to_contain_text(
        "These have the same mark, and 1 place is left: Team 4, Team 5. Choose who talks."
    )
    lecturer.locator("tr", has_text="Team 5").get_by_role("checkbox").check()
    lecturer.get_by_role("button", name="Confirm who talks").click()
    expect(main(lecturer)).to_contain_text("say why")
    assert accessible(lecturer) == []

    lecturer.locator("tr", has_text="Team 5").get_by_role("checkbox").check()
    lecturer.get_by_label("Why these").fill("The better demonstration.")
    lecturer.get_by_role("button", name="Confirm who talks").click()
    expect(main(lecturer)).to_contain_text("Confirmed.")
    expect(main(lecturer)).to_contain_text("In line: Team 4, Team 6")
    lecturer.get_by_label("The first one begins").fill("2027-01-08T14:00")
    lecturer.get_by_role("button", name="Plan the talks").click()
    expect(main(lecturer)).to_contain_text("Planned.")
    assert accessible(lecturer) == []

    student = person("student", width=PHONE)
    student.goto(PROJECT + "talks/")
    expect(main(student)).to_contain_text("Team 5")
    expect(main(student)).not_to_contain_text("Team 4")
    assert fits(student)


def dragged(page, name, *, onto):
    """A finger takes a row by its name and lets it go over a list."""
    row = page.locator("[data-group]", has_text=name).locator(".ballot-name").bounding_box()
    goal = page.locator(onto).bounding_box()
    begin = {"x": row["x"] + 20, "y": row["y"] + row["height"] / 2}
    end = {"x": goal["x"] + 40, "y": goal["y"] + goal["height"] - 6}
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [begin]})
    for step in (0.3, 0.7, 1):
        at = {key: begin[key] + (end[key] - begin[key]) * step for key in begin}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_ballot_is_cast_by_touch_and_saves_itself(person, project, browser):  # noqa: F811
    lecturer = person("lecturer")
    lecturer.goto(PROJECT + "vote/")
    lecturer.get_by_label("Opens").fill("2026-01-01T08:00")
    lecturer.get_by_label("Closes").fill("2099-01-01T08:00")
    main(lecturer).get_by_role("button", name="Save").click()
    expect(main(lecturer)).to_contain_text("Students find the ballot")

    context = browser.new_context(
        viewport={"width": PHONE, "height": 800}, has_touch=True, is_mobile=True, base_url=project.base
    )
    phone = context.new_page()
    phone.goto("/accounts/login/")
    phone.get_by_label("Login").fill("member1")
    phone.get_by_label("Password").fill(make.PASSWORD)
    phone.get_by_role("button", name="Sign in").tap()
    phone.wait_for_url(project.base + "/")
    phone.goto(PROJECT)
    phone.get_by_role("link", name="Rank what you saw").tap()

    for number, name in enumerate(("Team 3", "Team 1", "Team 5"), start=1):
        dragged(phone, name, onto="[data-ranked]")
        expect(phone.locator("[data-said]").first).to_contain_text(f"{number} placed")
    row = phone.locator("[data-group]", has_text="Team 5")
    row.get_by_label("Team 5 one up").tap()
    phone.locator("[data-group]", has_text="Team 2").get_by_label("Did not see Team 2").tap()
    expect(phone.locator("[data-ranked] [data-group]")).to_have_count(3)
    expect(phone.locator("[data-said]").first).to_contain_text("3 placed")
    phone.wait_for_timeout(900)
    assert accessible(phone) == []
    assert fits(phone)
    phone.reload()

    names = phone.locator("[data-ranked] [data-group] strong").all_inner_texts()
    assert names == ["Team 3", "Team 5", "Team 1"]
    expect(phone.locator("[data-group]", has_text="Team 2").locator("input")).to_have_value("x")
    context.close()

    screen = person("ta")
    screen.goto(PROJECT + "vote/screen/")
    expect(main(screen)).to_contain_text("1 of")
    expect(main(screen)).not_to_contain_text("Team 3")
    assert accessible(screen) == []
