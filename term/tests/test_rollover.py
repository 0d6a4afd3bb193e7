"""Next year's course: everything is copied, moved or asked about; nothing is silently dropped, nobody's work comes along."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assignments.models import Assignment, Kind, Submission
from assignments.services import attach_data, create_assignment
from courses import storage
from courses.course_file.reading import CourseFileError, read_course_file
from courses.models import Course, Enrolment, LatePolicy, Role, Rollover
from courses.policy.lateness import LateRule
from courses.selectors import current_late_rule
from courses.services import create_late_policy
from grading.models import Release, Run
from grading.papers.selectors import criteria_of
from grading.papers.services import change_criteria
from term.course_file.dump import course_file_of
from term.course_file.forms import BLUEPRINTS
from term.course_file.load import load_course
from term.rollover.make import roll_over, shifted
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
NEXT = date(2027, 9, 6)
YEAR = timedelta(days=364)
PAGE = "/courses/dl/next/"
FORM = {"week_one": "2027-09-06", "slug": "dl-2027", "term": "Autumn 2027"}


def rolled(world, **fields):
    fields = {"week_one": NEXT, "slug": "dl-2027", "term": "Autumn 2027", "lecturer": world.lecturer.user, **fields}
    return roll_over(source=world.course, **fields)


@pytest.fixture
def full(world):
    """A course with a project, weights, a data set, a file, holidays and a graded submission."""
    world.course.week_one = date(2026, 9, 7)
    world.course.save()
    make.make_scheme(world.course, world.assignment)
    world.assignment.due_when = "week 7"
    world.assignment.save()
    project = groups.bare_project(world.course, title="P")
    groups.make_stage(project, slug="proposal", title="Proposal", due_at=make.DUE)
    attach_data(assignment=world.assignment, by=world.lecturer, content=b"1,2\n", name="points.csv")
    world.course.materials.create(kind="notes", title="Notes", file=storage.store(b"%PDF"), file_name="notes.pdf")
    world.course.topics.create(title="Convolutions", weeks="3")
    world.course.holidays.create(name="Festival", first_day=date(2026, 10, 1), last_day=date(2026, 10, 7))
    make.run_of(make.make_submission(world.assignment, world.student), analysis="passed")
    return world


class TestMaking:
    def test_the_course_file_is_the_same_but_for_the_dates_that_moved(self, full):
        course, _ = rolled(full)

        before, after = course_file_of(full.course), course_file_of(course)
        assert {**after["course"], "slug": "dl", "term": "Autumn 2026"} == before["course"]
        for part in ("late_rule", "scheme", "topics", "sections"):
            assert after[part] == before[part]
        assert after["holidays"] == [{**before["holidays"][0], "first_day": "2027-09-30", "last_day": "2027-10-06"}]

    def test_weeks_follow_the_calendar_and_picked_dates_move_with_the_first_week(self, full):
        course, report = rolled(full)

        assignment, stage = course.assignments.notebooks().get(), course.project.stages.get()
        assert (assignment.due_when, assignment.due_at) == ("week 7", make.DUE + YEAR)
        assert stage.due_at == make.DUE + YEAR
        assert report.moved == [
            "Numbers is due Sun 24 Oct 2027, 23:59; it was due Sun 25 Oct 2026, 23:59 (said as week 7).",
            (
                "Proposal is due Sun 24 Oct 2027, 23:59; it was due Sun 25 Oct 2026, 23:59 "
                "(a picked date, moved with the first week)."
            ),
        ]

    def test_notebooks_data_and_files_come_along_and_are_checked_again(self, full):
        course, report = rolled(full)

        assignment = course.assignments.notebooks().get()
        notebook = assignment.notebooks.get()
        assert (notebook.version, notebook.max_points, notebook.source) == (1, Decimal(6), full.notebook.source)
        assert [cell.grade_id for cell in notebook.cells.all()] == ["double_test", "hidden_test", "analysis"]
        assert assignment.data_files.get().name == "points.csv"
        assert course.materials.get().file_name == "notes.pdf"
        assert Run.objects.filter(notebook=notebook, submission=None).count() == 1
        assert "The file notes.pdf." in report.copied
        assert "Numbers: the data set points.csv." in report.copied

    def test_papers_groups_and_what_they_are_marked_by_come_along(self, full):
        pairs = full.course.group_sets.create(slug="pairs", title="Pairs", smallest_group=2, largest_group=2)
        essay = create_assignment(
            Assignment(
                course=full.course, slug="essay", title="Essay", kind=Kind.PAPER, group_set=pairs, position=3,
                opens_at=make.DUE - timedelta(days=9), due_at=make.DUE, questions=["Why?"], format_rules={"pages": 2},
            )
        )  # fmt: skip
        change_criteria(assignment=essay, wanted=[(0, "Reasons", Decimal(40)), (0, "Doubts", Decimal(60))])

        course, report = rolled(full)

        new = course.assignments.get(slug="essay")
        assert (new.kind, new.group_set.slug, new.group_set.course) == (Kind.PAPER, "pairs", course)
        assert (new.questions, new.format_rules, new.due_at) == (["Why?"], {"pages": 2}, essay.due_at + YEAR)
        assert [(c.text, c.points) for c in criteria_of(new)] == [("Reasons", 40), ("Doubts", 60)]
        assert "Essay: what it is marked by." in report.copied

    def test_the_late_rule_that_holds_comes_along_and_earlier_versions_are_said_to_stay(self, full):
        create_late_policy(course=full.course, rule=LateRule(beyond=Decimal("0.8")), reason="Changed")

        course, report = rolled(full)

        assert current_late_rule(course) == LateRule(beyond=Decimal("0.8"))
        assert LatePolicy.objects.filter(course=course).count() == 1
        assert any(line.startswith("Late rule (its version 2)") for line in report.copied)
        assert "Earlier versions of the late rule and of the weights, with their reasons." in report.left

    def test_nobodys_work_comes_along(self, full):
        course, report = rolled(full)

        assert not Submission.objects.filter(assignment__course=course).exists()
        assert [person.user for person in Enrolment.objects.filter(course=course)] == [full.lecturer.user]
        assert "Students, what they handed in, and marks." in report.left
        assert not course.is_published

    def test_staff_are_asked_about_or_come_along_into_their_sections(self, full):
        _, report = rolled(full)
        assert "Staff did not come along: Other_Ta, Ta. Add who helps again." in report.decide

        course, report = rolled(full, slug="with-staff", with_staff=True)
        ta = Enrolment.objects.get(course=course, user=full.ta.user)
        assert (ta.role, [section.name for section in ta.sections.all()]) == (Role.TA, ["Informatics"])
        assert ta.sections.get().course == course
        assert not any("come along" in line for line in report.decide)

    def test_what_needs_a_decision_is_named(self, full):
        Release.objects.create(assignment=full.assignment, released_by=full.lecturer, released_at=make.DUE)

        _, report = rolled(full)

        assert any("Festival is put on 2027-09-30 to 2027-10-06, 364 days later" in line for line in report.decide)
        assert "Numbers: grades were released, so its hidden tests and answers may be known." in report.decide

    def test_a_picked_due_time_is_asked_about(self, full):
        full.assignment.due_when = ""
        full.assignment.save()

        assert "Numbers: its due time was a picked date. Is the new one right?" in rolled(full)[1].decide

    def test_a_course_made_from_another_can_be_rolled_over_again(self, full):
        course, _ = rolled(full)

        again, report = roll_over(
            source=course, week_one=date(2028, 9, 4), slug="dl-2028", term="Autumn 2028", lecturer=full.lecturer.user
        )

        assert again.rollover.source == course
        assert again.rollover.report == vars(report)

    def test_an_old_address_does_not_stand_in_the_way(self, full):
        full.course.slug = "DL_2026"
        full.course.save()

        assert rolled(full)[0].slug == "dl-2027"

    def test_dates_that_cannot_be_change_nothing(self, full):
        full.assignment.closes_when = "week 40"
        full.assignment.closes_at = make.DUE + timedelta(days=90)
        full.assignment.save()
        courses = Course.objects.count()

        with pytest.raises(CourseFileError, match="weeks 1 to 16"):
            rolled(full)
        assert Course.objects.count() == courses


@pytest.mark.parametrize("blueprint", sorted(path.stem for path in BLUEPRINTS.glob("*.yaml")))
def test_every_blueprint_rolls_over_whole(blueprint, world):
    start = date(2026, 9, 7)
    content = read_course_file((BLUEPRINTS / f"{blueprint}.yaml").read_bytes(), week_one=start)
    source = load_course(content, week_one=start, lecturer=world.lecturer.user)

    course, _ = roll_over(source=source, week_one=NEXT, slug="next-year", term="2027", lecturer=world.lecturer.user)

    expected = shifted(course_file_of(source), YEAR)
    expected["course"] = {**expected["course"], "slug": "next-year", "term": "2027"}
    assert course_file_of(course) == expected


def test_shifting_by_nothing_is_the_identity_and_there_and_back_too():
    for path in BLUEPRINTS.glob("*.yaml"):
        content = read_course_file(path.read_bytes(), week_one=date(2026, 9, 7))
        assert shifted(content, timedelta()) == content
        assert shifted(shifted(content, YEAR), -YEAR) == content


class TestPages:
    def test_the_report_is_shown_before_anything_is_made(self, client, full):
        shown = as_person(client, full.lecturer).post(PAGE, FORM)

        assert "For you to decide" in words_of(shown)
        assert "Late rule (its version 1)" in words_of(shown)
        assert not Course.objects.filter(slug="dl-2027").exists()

    def test_then_the_course_is_made_and_the_report_stays(self, client, full):
        made = as_person(client, full.lecturer).post(PAGE, {**FORM, "make": "1"}, follow=True)

        assert "Made from Deep Learning, Autumn 2026" in words_of(made)
        assert "/courses/dl-2027/came-from/" in text_of(client.get("/courses/dl-2027/setup/"))
        assert "looking" not in words_of(client.get("/courses/dl-2027/"))

    def test_an_address_that_is_taken_is_said(self, client, full):
        refused = as_person(client, full.lecturer).post(PAGE, {**FORM, "slug": "dl", "make": "1"})

        assert refused.status_code == 422
        assert "There is a course at this address already" in words_of(refused)

    @pytest.mark.parametrize("slug", ["dl_2027", "dl 2027", "-dl"])
    def test_an_address_can_stand_in_a_course_file(self, client, full, slug):
        assert as_person(client, full.lecturer).post(PAGE, {**FORM, "slug": slug}).status_code == 422

    def test_a_far_year_is_said(self, client, full):
        refused = as_person(client, full.lecturer).post(PAGE, {**FORM, "week_one": "9999-12-27"})

        assert "Choose a year from 2000 to 2100." in words_of(refused)

    def test_a_week_that_begins_on_a_tuesday_is_said(self, client, full):
        refused = as_person(client, full.lecturer).post(PAGE, {**FORM, "week_one": "2027-09-07"})

        assert "Week 1 begins on a Monday." in words_of(refused)

    def test_what_cannot_move_is_said_with_its_place(self, client, full):
        full.assignment.due_when = "week 40"
        full.assignment.save()

        refused = as_person(client, full.lecturer).post(PAGE, {**FORM, "make": "1"})

        assert "weeks 1 to 16" in words_of(refused)
        assert not Rollover.objects.exists()

    def test_a_course_from_a_file_came_from_nowhere(self, client, world):
        assert as_person(client, world.lecturer).get("/courses/dl/came-from/").status_code == 404


def test_a_blank_course_is_set_up_in_the_browser(client, world):
    made = as_person(client, world.lecturer).post(
        "/new-course/", {"blueprint": "blank", "week_one": "2027-09-06", "slug": "empty", "term": "2027"}, follow=True
    )

    assert "The course is made." in words_of(made)
    assert "16 weeks from 6 Sep 2027" in words_of(made)
    assert client.get("/courses/empty/").status_code == 200
