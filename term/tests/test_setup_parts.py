"""The set-up, part by part: what moves a due time is shown first; what was edited is still a course file."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from assignments.models import Assignment
from courses.course_file.reading import read_course_file, write_course_file
from courses.models import Course, Role
from term.course_file.dump import course_file_of
from term.course_file.forms import BLUEPRINTS
from term.course_file.load import load_course
from term.setup.calendar import CalendarRefused, resolve_dates
from term.setup.parts import PARTS
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
SETUP = "/courses/dl/setup/"


def filled(page) -> dict[str, str]:
    """What a browser would send of the page if nothing were typed."""
    sent: dict[str, Any] = {}
    forms = page.context["forms"]
    if hasattr(page.context["made"], "management_form"):
        sent |= {f.html_name: f.value() for f in page.context["made"].management_form}
    for form in forms:
        for field in form:
            value = field.value()
            if value not in (None, False, ""):
                sent[field.html_name] = (
                    field.field.widget.format_value(value) if hasattr(field.field.widget, "format") else value
                )
    return {name: str(value) for name, value in sent.items()}


def edited(client, part, **typed):
    """Open a part of the set-up, type this, save."""
    sent = {**filled(client.get(f"{SETUP}{part}/")), **typed}
    return client.post(f"{SETUP}{part}/", sent, follow=True)


@pytest.fixture
def lecturer(client, world):
    world.course.week_one = date(2026, 9, 7)
    world.course.save()
    return as_person(client, world.lecturer)


@pytest.fixture
def by_weeks(world):
    """The assignment opens in week 3 and is due in week 7; the project's proposal is due in week 8."""
    Assignment.objects.filter(pk=world.assignment.pk).update(opens_when="week 3", due_when="week 7")
    project = groups.bare_project(world.course, title="P")
    groups.make_stage(project, slug="proposal", title="Proposal", due_at=make.DUE, due_when="week 8")
    resolve_dates(world.course)
    world.assignment.refresh_from_db()
    return world


@pytest.mark.parametrize("part", PARTS)
def test_every_part_saves_what_it_shows(client, by_weeks, lecturer, part):
    make_some_of_everything(by_weeks.course)
    before = course_file_of(Course.objects.get(pk=by_weeks.course.pk))

    saved = edited(client, part)

    assert "Saved." in words_of(saved)
    assert course_file_of(Course.objects.get(pk=by_weeks.course.pk)) == before


def make_some_of_everything(course):
    course.holidays.create(name="Autumn", first_day=date(2026, 10, 1), last_day=date(2026, 10, 8))
    course.topics.create(title="Convolutions", weeks="3-5", text="How they work")
    course.materials.create(kind="book", title="Deep Learning", week=2, url="https://www.deeplearningbook.org")
    course.channels.create(name="Mail", address="dl@gradus.example")
    course.sections.first().slots.create(name="Lecture", weekday=1, starts="08:00", ends="09:40", place="A1")
    stage = course.project.stages.get()
    stage.questions = ["What?", "Why?"]
    stage.save()


ROWS = [
    ("holidays", {"row-0-name": "Autumn", "row-0-first_day": "2026-10-01", "row-0-last_day": "2026-10-08"}),
    ("topics", {"row-0-title": "Convolutions", "row-0-weeks": "3 - 5", "row-0-text": "How"}),
    ("materials", {"row-0-kind": "book", "row-0-title": "DL", "row-0-url": "https://www.deeplearningbook.org"}),
    ("contact", {"row-0-name": "Mail", "row-0-address": "dl@gradus.example", "row-0-enrolled_only": "on"}),
    ("sections", {"row-2-name": "Class 9"}),
    ("stages", {"row-1-title": "Report", "row-1-slug": "report", "row-1-position": "2", "row-1-due": "Week 12 friday 18:00",
                "row-1-asked": "What did you find?\n\nWhy?"}),
    ("facts", {"title": "Deeper Learning", "language": "zh", "description": "All of $E=mc^2$."}),
    ("project", {"title": "Projects", "smallest_group": "2"}),
]  # fmt: skip


@pytest.mark.parametrize(("part", "typed"), ROWS)
def test_what_was_typed_is_in_the_course_and_its_file_can_be_loaded(client, by_weeks, lecturer, part, typed):
    saved = edited(client, part, **typed)

    assert "Saved." in words_of(saved)
    course = Course.objects.get(pk=by_weeks.course.pk)
    written = write_course_file(course_file_of(course))
    content = read_course_file(written.encode() if isinstance(written, str) else written, week_one=course.week_one)
    again = load_course(content, week_one=course.week_one, slug="again")
    assert {**course_file_of(again)["course"], "slug": "dl"} == course_file_of(course)["course"]


def test_class_times_are_added_to_a_section(client, by_weeks, lecturer):
    edited(client, "slots", **{
        "row-0-section": str(by_weeks.section.pk), "row-0-name": "Lab", "row-0-weekday": "3",
        "row-0-starts": "10:00", "row-0-ends": "11:40",
    })  # fmt: skip

    assert str(by_weeks.section.slots.get()) == "Lab, Thursday 10:00"


WRONG = [
    ("calendar", {"week_one": "2026-09-08"}, "Week 1 begins on a Monday."),
    ("calendar", {"weeks": "0"}, "1 to 53 teaching weeks"),
    ("calendar", {"time_zone": "Mars/Base"}, "is not a time zone"),
    ("calendar", {"weeks": "6"}, "the course has weeks 1 to 6"),
    ("holidays", {"row-0-name": "A", "row-0-first_day": "2026-10-08", "row-0-last_day": "2026-10-01"}, "It ends before"),
    ("topics", {"row-0-title": "A", "row-0-weeks": "five"}, "Write 3 or 3-5"),
    ("topics", {"row-0-title": "A", "row-0-weeks": "5-3"}, "Write 3 or 3-5"),
    ("topics", {"row-0-title": "A", "row-0-weeks": "17"}, "weeks 1 to 16"),
    ("materials", {"row-0-kind": "book", "row-0-title": "A", "row-0-week": "17"}, "weeks 1 to 16"),
    ("materials", {"row-0-kind": "book", "row-0-title": "A", "row-0-url": "ftp://x.example/a"}, "http://"),
    ("sections", {"row-2-name": "Class 1", "row-3-name": "Class 1"}, "Two rows have this name."),
    ("stages", {"row-0-due": "soon"}, "is not a time such as"),
    ("stages", {"row-0-due": "week 40"}, "weeks 1 to 16"),
    ("facts", {"language": "english!"}, "such as en or zh"),
    ("project", {"smallest_group": "9"}, "cannot be smaller"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "typed", "said"), WRONG)
def test_what_cannot_be_is_said_and_changes_nothing(client, by_weeks, lecturer, part, typed, said):
    before = course_file_of(Course.objects.get(pk=by_weeks.course.pk))

    refused = edited(client, part, **typed)

    assert refused.status_code == 422
    assert said in words_of(refused)
    assert course_file_of(Course.objects.get(pk=by_weeks.course.pk)) == before


def test_a_section_with_people_is_not_removed(client, by_weeks, lecturer):
    refused = edited(client, "sections", **{"row-0-DELETE": "on"})

    assert "people sit in this section" in words_of(refused)


def test_names_of_sections_can_be_swapped_or_taken_from_one_that_goes(client, by_weeks, lecturer):
    world = by_weeks
    swapped = edited(client, "sections", **{"row-0-name": "Intelligence", "row-1-name": "Informatics"})
    assert "Saved." in words_of(swapped)
    world.section.refresh_from_db()
    assert world.section.name == "Intelligence"

    world.course.sections.create(name="Empty")
    taken = edited(client, "sections", **{"row-0-DELETE": "on", "row-1-name": "Empty"})
    assert "Saved." in words_of(taken)
    assert sorted(world.course.sections.values_list("name", flat=True)) == ["Empty", "Intelligence"]


def test_a_section_that_something_was_announced_to_stays(client, by_weeks, lecturer):
    empty = by_weeks.course.sections.create(name="Empty")
    by_weeks.course.announcements.create(author=by_weeks.lecturer, title="T", text="x", section=empty)

    refused = edited(client, "sections", **{"row-0-DELETE": "on"})

    assert "announcements hang on it" in words_of(refused)
    assert by_weeks.course.announcements.count() == 1


def test_a_form_without_rows_is_refused_and_breaks_nothing(client, by_weeks, lecturer):
    assert client.post(f"{SETUP}sections/", {}).status_code == 422


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        ("calendar", {"week_one": "9999-12-27"}),
        (
            "holidays",
            {"row-0-name": "A", "row-0-first_day": "2026-10-01", "row-0-last_day": "9999-12-31", "row-0-pauses": "on"},
        ),
        ("stages", {"row-0-due": "9999-12-31"}),
    ],
)
def test_far_years_are_slips_of_the_keyboard(client, by_weeks, lecturer, part, typed):
    refused = edited(client, part, **typed)

    assert "from 2000 to 2100" in words_of(refused)
    assert client.get("/courses/dl/syllabus/").status_code == 200


def test_a_project_without_stages_is_a_course_file_too(client, by_weeks, lecturer):
    by_weeks.course.project.stages.all().delete()
    course = Course.objects.get(pk=by_weeks.course.pk)

    written = write_course_file(course_file_of(course)).encode()

    assert read_course_file(written, week_one=course.week_one)["project"]["stages"] == []


def test_a_topic_is_removed(client, by_weeks, lecturer):
    by_weeks.course.topics.create(title="Old", weeks="1")

    edited(client, "topics", **{"row-0-DELETE": "on"})

    assert not by_weeks.course.topics.exists()


class TestDates:
    def test_a_holiday_that_pauses_moves_due_times_once_they_were_seen(self, client, by_weeks, lecturer):
        due_at = by_weeks.assignment.due_at
        typed = {
            "row-0-name": "National Day", "row-0-first_day": "2026-10-01", "row-0-last_day": "2026-10-07",
            "row-0-pauses": "on",
        }  # fmt: skip

        shown = edited(client, "holidays", **typed)
        by_weeks.assignment.refresh_from_db()
        assert "Numbers is due Sun 1 Nov 2026, 23:59 instead of Sun 25 Oct 2026, 23:59 (week 7)." in words_of(shown)
        assert (by_weeks.assignment.due_at, by_weeks.course.holidays.count()) == (due_at, 0)

        seen = re.search(r'name="seen" value="(\w+)"', text_of(shown))[1]
        edited(client, "holidays", **typed, seen=seen)
        by_weeks.assignment.refresh_from_db()
        assert (by_weeks.assignment.due_at, by_weeks.course.holidays.count()) == (due_at + timedelta(weeks=1), 1)

    def test_work_that_would_count_differently_is_shown(self, client, by_weeks, lecturer):
        make.run_of(
            make.make_submission(by_weeks.assignment, by_weeks.student, late=timedelta(hours=30)), analysis="failed"
        )

        shown = edited(client, "calendar", week_one="2026-09-14")

        assert "1 piece of work would count differently" in words_of(shown)
        assert "×0.7 → ×1.0" in words_of(shown)

    def test_what_was_not_seen_is_not_saved(self, client, by_weeks, lecturer):
        edited(client, "calendar", week_one="2026-09-14", seen="something else")

        assert Course.objects.get(pk=by_weeks.course.pk).week_one == date(2026, 9, 7)

    def test_times_that_were_picked_stay(self, client, by_weeks, lecturer):
        Assignment.objects.filter(pk=by_weeks.assignment.pk).update(due_when="")
        by_weeks.assignment.refresh_from_db()
        due_at = by_weeks.assignment.due_at

        resolve_dates(by_weeks.course)

        by_weeks.assignment.refresh_from_db()
        assert by_weeks.assignment.due_at == due_at

    def test_an_order_that_would_break_is_refused(self, by_weeks):
        Assignment.objects.filter(pk=by_weeks.assignment.pk).update(due_when="", due_at=make.DUE - timedelta(days=60),
                                                                    opens_at=make.DUE - timedelta(days=90))  # fmt: skip

        with pytest.raises(CalendarRefused, match="would be due before it opens"):
            resolve_dates(by_weeks.course)

    def test_a_course_cannot_become_shorter_than_its_syllabus(self, client, by_weeks, lecturer):
        by_weeks.course.topics.create(title="Last", weeks="14-16")
        by_weeks.course.materials.create(kind="book", title="Late reading", week=15)

        refused = edited(client, "calendar", weeks="12")

        assert "“Last” stands in week 14-16, and the course has 12." in words_of(refused)
        assert "“Late reading” stands in week 15" in words_of(refused)


@pytest.mark.parametrize("blueprint", sorted(path.stem for path in BLUEPRINTS.glob("*.yaml")))
def test_resolving_a_blueprint_moves_nothing(blueprint):
    content = read_course_file((BLUEPRINTS / f"{blueprint}.yaml").read_bytes(), week_one=date(2026, 9, 7))

    assert resolve_dates(load_course(content, week_one=date(2026, 9, 7))) == []


def test_the_seven_steps_say_what_is_there(client, by_weeks, lecturer):
    page = words_of(client.get(SETUP))

    for said in ("What it is", "Calendar", "People", "Assessment", "Late rule", "Project", "Check and publish"):
        assert said in page
    assert "16 weeks from 7 Sep 2026, Asia/Shanghai, 0 holidays, 0 class times a week" in page
    assert "2 sections" in page


def test_stages_come_after_the_project(client, world):
    sent_on = as_person(client, world.lecturer).get(f"{SETUP}stages/", follow=True)

    assert sent_on.redirect_chain[-1][0] == f"{SETUP}project/"
    assert "Say first what the project is" in words_of(sent_on)


class TestStudentView:
    def test_staff_see_the_course_as_a_student_and_come_back(self, client, world):
        as_person(client, world.lecturer)
        seen = client.post("/courses/dl/as-student/", follow=True)

        assert "You see the course as a student does" in words_of(seen)
        assert "Set-up" not in words_of(seen)
        assert client.get(SETUP).status_code == 403
        assert client.get("/courses/dl/assignments/numbers/").status_code == 200
        assert "Set-up" in words_of(client.post("/courses/dl/as-student/", follow=True))

    def test_nothing_can_be_changed_meanwhile(self, client, world):
        as_person(client, world.lecturer).post("/courses/dl/as-student/")

        told = client.post("/courses/dl/publish/", {"hide": "1"}, follow=True)

        world.course.refresh_from_db()
        assert "nothing was changed" in words_of(told)
        assert world.course.is_published

    def test_an_unpublished_course_can_be_looked_at_by_its_staff_alone(self, client, world):
        world.course.is_published = False
        world.course.save()
        as_person(client, world.ta).post("/courses/dl/as-student/")

        assert client.get("/courses/dl/").status_code == 200
        assert as_person(client, world.student).get("/courses/dl/").status_code == 404

    def test_other_courses_are_as_always(self, client, world):
        other = make.make_course("other")
        make.Enrolment.objects.create(user=world.lecturer.user, course=other, role=Role.LECTURER)
        as_person(client, world.lecturer).post("/courses/dl/as-student/")

        assert client.get("/courses/other/setup/").status_code == 200

    def test_looking_at_another_course_ends_the_first_look(self, client, world):
        other = make.make_course("other")
        make.Enrolment.objects.create(user=world.lecturer.user, course=other, role=Role.LECTURER)
        as_person(client, world.lecturer).post("/courses/dl/as-student/")

        seen = client.post("/courses/other/as-student/", follow=True)

        assert "You see the course as a student does" in words_of(seen)
        assert client.get("/courses/dl/setup/").status_code == 200
        assert client.get("/courses/other/setup/").status_code == 403

    def test_nobodys_work_is_shown(self, client, world):
        make.run_of(make.make_submission(world.assignment, world.student), analysis="passed")
        as_person(client, world.lecturer).post("/courses/dl/as-student/")

        assert "Nothing handed in yet" in words_of(client.get("/courses/dl/assignments/numbers/"))
        assert client.get(f"/courses/dl/assignments/numbers/submissions/{world.student.pk}/1/").status_code == 404
