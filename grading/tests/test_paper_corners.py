"""What goes wrong with papers where code was written for notebooks: rubrics, second marks, appeals, lines that are replaced."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assignments.models import Assignment, Kind
from assignments.services import create_assignment, receive_submission
from courses.models import OutgoingMail
from grading.marking.services import draw_sample
from grading.models import Criterion, Note, Run, SecondReview
from grading.notes.services import write_note
from grading.papers.services import change_criteria
from grading.selectors.grades import item_of
from grading.selectors.regrades import released_or_404
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from grading.services.regrades import RegradeRefused, decide, request_regrade
from grading.services.releases import release_grades
from grading.services.reviews import claim_next, refresh_all
from grading.services.rubrics import add_item, change_item
from groups.models import GroupSet
from papercheck.tests.papers import made
from term.course_file.dump import course_file_of
from tests import groups
from tests.factories import DUE
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/essay/"
HOUR = timedelta(hours=1)
NEW = {
    "title": "Other", "slug": "other", "position": "3", "opens_at": "2026-09-01T00:00", "due_at": "2026-10-01T00:00",
    "closes_at": "", "queue": "grading", "minutes": "5", "memory_gib": "2",
}  # fmt: skip


@pytest.fixture
def essay(world):
    draft = Assignment(
        course=world.course, slug="essay", title="Essay", kind=Kind.PAPER, position=2,
        opens_at=DUE - timedelta(days=20), due_at=DUE, questions=["What did you read?"],
    )  # fmt: skip
    return create_assignment(draft)


@pytest.fixture
def criteria(essay):
    return list(Criterion.objects.filter(assignment=essay))


@pytest.fixture
def handed_in(world, essay):
    at = DUE - HOUR
    found = receive_submission(
        assignment=essay, owner=world.student, by=world.student, content=made.paper(pages=1), name="x.pdf",
        received_at=at, completed_at=at,
    )  # fmt: skip
    refresh_all(essay)
    return found


def mark(submission, by, criteria, points):
    marks = {f"c{each.pk}": NewMark(Decimal(given), "") for each, given in zip(criteria, points, strict=True)}
    maxima = {f"c{each.pk}": each.points for each in criteria}
    record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=10**9)


def test_a_changed_rubric_moves_the_marks_of_a_paper(world, essay, criteria, handed_in):
    cell = f"c{criteria[0].pk}"
    item = add_item(assignment=essay, grade_id=cell, text="Names three papers", points=Decimal(20))
    ticked = {cell: NewMark(None, "", rubric=(item.pk,))}
    record_marks(submission=handed_in, by=world.ta, marks=ticked, maxima={cell: criteria[0].points}, seen=0)

    moved = change_item(item=item, text=item.text, points=Decimal(30), by=world.ta, reason="")

    assert [each.points for each in moved] == [30]
    assert item_of(handed_in).grade.manual == 30


def test_the_second_marker_reads_the_pages_and_none_of_the_first_ones_words(client, world, essay, criteria, handed_in):
    groups.looked_at(handed_in)
    mark(handed_in, world.ta, criteria, (70, 15))
    write_note(submission=handed_in, by=world.ta, text="Thin evidence.", anchor={"page": 1})
    draw_sample(assignment=essay, percent=100, graders=[world.ta, world.lecturer], by=world.lecturer)
    assert SecondReview.objects.get().marker == world.lecturer

    page = as_person(client, world.lecturer).get(f"{PAGE}submissions/{world.student.pk}/1/second/")

    assert page.content.decode().count("<figure") == 2
    assert "<iframe" not in page.content.decode()
    assert "Thin evidence." not in words_of(page)


def test_only_this_line_of_everybody(world, essay, criteria, handed_in):
    cell = f"c{criteria[0].pk}"
    assert claim_next(assignment=essay, by=world.ta, cell="c999") is None
    assert claim_next(assignment=essay, by=world.ta, cell=cell).submission == handed_in

    record_marks(
        submission=handed_in, by=world.ta, marks={cell: NewMark(Decimal(1), "")}, maxima={cell: Decimal(80)}, seen=0
    )
    assert claim_next(assignment=essay, by=world.ta, cell=cell) is None
    assert claim_next(assignment=essay, by=world.ta, cell=f"c{criteria[1].pk}").submission == handed_in


class TestALineThatIsReplaced:
    @pytest.fixture
    def replaced(self, world, essay, criteria, handed_in):
        """Marked and released by one line, which then has other points and is another line."""
        mark(handed_in, world.ta, criteria, (70, 15))
        release_grades(assignment=essay, by=world.lecturer, students=[world.student])
        released = released_or_404(world.student, essay)
        asked = {"released": released, "student": world.student, "grade_id": f"c{criteria[0].pk}"}
        request = request_regrade(**asked, reason="I did.", at=timezone.now())
        wanted = [(criteria[0].pk, "What did you read?", Decimal(90)), (criteria[1].pk, "Writing", criteria[1].points)]
        change_criteria(assignment=essay, wanted=wanted)
        return request

    def test_an_appeal_of_the_old_one_says_that_points_would_change_nothing(self, world, replaced):
        fields = {"request": replaced, "by": world.ta, "text": "Yes."}

        with pytest.raises(RegradeRefused, match="has changed"):
            decide(**fields, state="accepted", points=Decimal(75))
        assert decide(**fields, state="declined").state == "declined"

    def test_the_second_computation_counts_only_what_was_shown(self, world, essay, replaced, handed_in):
        now = list(Criterion.objects.filter(assignment=essay, retired_at=None))
        mark(handed_in, world.ta, now, (80, 15))
        release_grades(assignment=essay, by=world.lecturer, students=[world.student])

        found = recompute()

        assert (found.grades, found.different) == (2, 0)


def test_what_runs_or_compares_notebooks_is_not_there_for_a_paper(client, world, essay, handed_in):
    base = f"{PAGE}submissions/{world.student.pk}/1/"
    as_person(client, world.lecturer)

    for page in (base + "read/", base + "read/frame/", PAGE + "similarity/"):
        assert client.get(page).status_code == 404, page
    client.post(base + "notes/", {"cell": "1", "text": "x"})
    assert Note.objects.get().cell is None
    assert client.post(reverse("notebook-create", args=["dl", "essay"])).status_code == 404
    assert Run.objects.get(submission=handed_in).notebook is None


def test_a_marks_history_names_what_was_asked(client, world, essay, criteria, handed_in):
    mark(handed_in, world.ta, criteria, (70, 15))

    page = words_of(as_person(client, world.lecturer).get(f"/courses/dl/gradebook/essay/{world.student.pk}/"))

    assert "What did you read? of version 1: 70 points" in page


def test_versions_are_listed_and_not_compared(client, world, essay, handed_in):
    at = DUE - HOUR / 2
    receive_submission(
        assignment=essay, owner=world.student, by=world.student, content=made.paper(pages=2), name="y.pdf",
        received_at=at, completed_at=at,
    )  # fmt: skip

    page = words_of(as_person(client, world.student).get(f"{PAGE}submissions/{world.student.pk}/2/versions/"))

    assert "Version 1" in page
    assert "could not be read" not in page
    assert "Compare" not in page


def test_the_receipt_names_the_format_check(world, handed_in):
    assert "The format check and the signed receipt" in OutgoingMail.objects.get(subject__startswith="Received").body


class TestSettingUp:
    def test_questions_are_kept_of_papers_only(self, client, world):
        as_person(client, world.lecturer)
        client.post("/courses/dl/assignments/new/", NEW | {"kind": "notebook", "questions": "Why?"})
        client.post(
            "/courses/dl/assignments/new/", NEW | {"kind": "paper", "slug": "paper", "questions": "Why?", "minutes": ""}
        )

        kept = dict(Assignment.objects.filter(slug__in=("other", "paper")).values_list("slug", "questions"))
        assert kept == {"other": [], "paper": ["Why?"]}

    @pytest.mark.parametrize("questions", ["x" * 301, "\n".join("abcdefghijklmnopqrst")])
    def test_more_than_a_sheet_holds_is_said(self, client, world, questions):
        answer = as_person(client, world.lecturer).post(
            "/courses/dl/assignments/new/", NEW | {"kind": "paper", "questions": questions}
        )

        assert "Ask at most 19 questions of at most 300 characters each." in words_of(answer)
        assert not Assignment.objects.filter(slug="other").exists()

    def test_a_set_of_groups_that_hands_something_in_stays(self, client, world, essay):
        pairs = GroupSet.objects.create(
            course=world.course, slug="pairs", title="Pairs", smallest_group=2, largest_group=2
        )
        Assignment.objects.filter(pk=essay.pk).update(group_set=pairs)
        sent = {
            "row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "1", "row-0-id": str(pairs.pk), "row-0-title": "Pairs",
            "row-0-slug": "pairs", "row-0-smallest_group": "2", "row-0-largest_group": "2", "row-0-DELETE": "on",
        }  # fmt: skip

        answer = as_person(client, world.lecturer).post("/courses/dl/setup/groups/", sent)

        assert "Pairs cannot be removed" in words_of(answer)
        assert GroupSet.objects.filter(pk=pairs.pk, slug="pairs").exists()

    def test_the_projects_groups_are_called_so_in_the_file_whatever_their_address(self, world):
        project = groups.bare_project(world.course, title="P")
        GroupSet.objects.filter(pk=project.group_set_id).update(slug="teams")
        Assignment.objects.filter(pk=world.assignment.pk).update(group_set=project.group_set)

        (row,) = course_file_of(world.course)["assignments"]

        assert row["groups"] == "project"
