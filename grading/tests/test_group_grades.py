"""A group's notebook is marked once; each member has the grade, a release, a hold and a ruling of their own."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments.anonymity import shown_name
from assignments.models import Assignment
from courses.models import OutgoingMail
from gradebook.standings.selectors import gradebook
from grading.marking.services import draw_sample, share_out_work, state_conflict
from grading.models import ReleasedGrade, Review, SecondReview
from grading.selectors.grades import grades_for, grades_of, item_of
from grading.selectors.regrades import released_or_404, requests_visible_to
from grading.selectors.reviews import conflict_of
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from grading.services.regrades import RegradeRefused, request_regrade
from grading.services.releases import NothingToRelease, hold_back, release_grades, withdraw_release
from grading.services.reviews import claim_next, refresh_all
from grading.services.rulings import rule
from groups.members.services import join_group, make_group
from groups.models import GroupSet
from tests import factories as make
from tests.factories import DUE
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/numbers/"
EARLY = DUE - timedelta(days=30)


@pytest.fixture
def owls(world):
    pairs = GroupSet.objects.create(
        course=world.course, slug="pairs", title="Pairs", smallest_group=1, largest_group=3, across_sections=True
    )
    world.assignment.group_set = pairs
    world.assignment.save()
    group = make_group(group_set=pairs, by=world.student, name="Owls", now=EARLY)
    join_group(group_set=pairs, by=world.classmate, code=group.code, now=EARLY)
    return group


@pytest.fixture
def work(world, owls):
    """Handed in for both, run, and waiting for a person."""
    submission = make.make_group_submission(world.assignment, owls)
    make.run_of(submission)
    refresh_all(world.assignment)
    return submission


@pytest.fixture
def marked(world, work):
    marks = {"analysis": NewMark(Decimal(2), "Clear.")}
    record_marks(submission=work, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)
    return work


def release(world, *students):
    return release_grades(assignment=world.assignment, by=world.lecturer, students=students)


class TestQueue:
    def test_it_waits_once_and_is_given_to_one_marker(self, world, work):
        first = claim_next(assignment=world.assignment, by=world.ta)

        assert (first.submission, first.group) == (work, work.group)
        assert claim_next(assignment=world.assignment, by=world.lecturer) is None

    def test_who_marks_no_member_is_not_given_the_group(self, world, work):
        state_conflict(marker=world.ta, student=world.classmate, reason="Cousins", by=world.lecturer)

        assert claim_next(assignment=world.assignment, by=world.ta) is None
        assert conflict_of(world.ta, work) is not None
        assert claim_next(assignment=world.assignment, by=world.lecturer).submission == work

    def test_a_conflict_with_somebody_who_left_the_group_holds(self, world, work, owls):
        owls.memberships.filter(student=world.classmate).update(left_at=DUE)
        state_conflict(marker=world.ta, student=world.classmate, reason="Cousins", by=world.lecturer)

        assert claim_next(assignment=world.assignment, by=world.ta) is None

    def test_the_desk_refuses_them_too(self, client, world, work):
        state_conflict(marker=world.ta, student=world.student, reason="Cousins", by=world.lecturer)

        answer = as_person(client, world.ta).get(f"{PAGE}submissions/g{work.group_id}/1/review/", follow=True)

        assert "a conflict of interest is stated" in words_of(answer)

    def test_shares_and_second_marks(self, world, work, owls):
        assert share_out_work(assignment=world.assignment, graders=[world.ta])[world.ta] == 1
        marks = {"analysis": NewMark(Decimal(2), "")}
        record_marks(submission=work, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)

        drawn = draw_sample(
            assignment=world.assignment, percent=100, graders=[world.ta, world.lecturer], by=world.lecturer
        )

        assert drawn == 1
        assert SecondReview.objects.get().marker == world.lecturer

    def test_at_the_desk_and_on_to_the_next(self, client, world, work):
        as_person(client, world.ta)
        desk = client.get(PAGE + "review/")
        assert desk.url == f"{PAGE}submissions/g{work.group_id}/1/review/"
        page = client.get(desk.url)
        sent = {
            "points-analysis": "3",
            "comment-analysis": "",
            "seen": "0",
            "key": str(page.context["key"]),
            "next": "1",
        }

        saved = client.post(desk.url, sent)

        assert saved.url == f"{PAGE}review/?after=g{work.group_id}"
        assert not Review.objects.get().waits
        assert item_of(work).grade.is_complete


class TestGrades:
    def test_one_grade_for_the_group_and_the_same_for_each_member(self, world, marked, owls):
        of_group = grades_of([world.assignment], [owls])[world.assignment.pk, owls.pk]
        of_members = grades_for([world.assignment], [world.student, world.classmate])

        assert of_group.grade.total == 5
        assert {item.grade.total for item in of_members.values()} == {5}
        assert {item.student for item in of_members.values()} == {world.student, world.classmate}

    def test_the_gradebook_counts_it(self, world, marked):
        make.make_scheme(world.course, world.assignment)
        third = make.enrol(world.course)

        rows = gradebook(world.lecturer, [world.student, world.classmate, third]).rows

        assert [row.cells[0].total for row in rows] == [(5, 6), (5, 6), None]

    def test_a_ruling_is_for_one_member(self, world, marked):
        rule(assignment=world.assignment, student=world.classmate, by=world.lecturer, reason="Did more.",
             points=Decimal(6), code="")  # fmt: skip

        items = grades_for([world.assignment], [world.student, world.classmate])

        assert items[world.assignment.pk, world.student.pk].grade.total == 5
        assert items[world.assignment.pk, world.classmate.pk].grade.total == 6

    def test_hidden_names(self, world, marked, owls):
        Assignment.objects.update(is_anonymous=True)
        world.assignment.refresh_from_db()

        masked = shown_name(world.ta, world.assignment, owls)

        assert masked.startswith("Group ")
        assert "Owls" not in masked
        assert shown_name(world.lecturer, world.assignment, owls) == "Owls"

    def test_hidden_names_on_the_desk(self, client, world, work):
        Assignment.objects.update(is_anonymous=True)

        page = words_of(as_person(client, world.ta).get(f"{PAGE}submissions/g{work.group_id}/1/review/"))

        assert "Owls" not in page
        assert str(world.student.user) not in page


class TestRelease:
    def test_each_member_is_shown_it_and_told(self, client, world, marked):
        release(world, world.student, world.classmate)

        assert set(ReleasedGrade.objects.values_list("student", flat=True)) == {world.student.pk, world.classmate.pk}
        assert OutgoingMail.objects.filter(subject="Grade released: Numbers").count() == 2
        for person in (world.student, world.classmate):
            page = words_of(as_person(client, person).get(f"{PAGE}submissions/g{marked.group_id}/1/"))
            assert "Clear." in page

    def test_before_it_nobody_reads_a_mark(self, client, world, marked):
        page = words_of(as_person(client, world.classmate).get(f"{PAGE}submissions/g{marked.group_id}/1/"))

        assert "Clear." not in page

    def test_a_member_who_is_held_back_reads_nothing(self, client, world, marked):
        hold_back(assignment=world.assignment, student=world.classmate, by=world.lecturer, reason="A hearing")
        release(world, world.student, world.classmate)

        assert ReleasedGrade.objects.get().student == world.student
        page = words_of(as_person(client, world.classmate).get(f"{PAGE}submissions/g{marked.group_id}/1/"))
        assert "Clear." not in page

    def test_twice_is_nothing_new_and_taking_back_tells_all(self, world, marked):
        release(world, world.student, world.classmate)
        with pytest.raises(NothingToRelease):
            release(world, world.student, world.classmate)

        assert withdraw_release(assignment=world.assignment, by=world.lecturer, reason="A wrong test.") == 2
        assert OutgoingMail.objects.filter(subject="Grade taken back: Numbers").count() == 2

    def test_the_second_computation_agrees(self, world, marked):
        rule(
            assignment=world.assignment,
            student=world.classmate,
            by=world.lecturer,
            reason="x",
            points=Decimal(4),
            code="",
        )
        release(world, world.student, world.classmate)

        found = recompute()

        assert (found.grades, found.different) == (2, 0)

    def test_the_state_of_the_group_follows(self, world, marked, owls):
        def state():
            return grades_of([world.assignment], [owls])[world.assignment.pk, owls.pk].state

        assert state() == "ready"
        release(world, world.student, world.classmate)
        assert state() == "released"


class TestRegrades:
    def test_a_group_shares_one_request(self, client, world, marked):
        release(world, world.student, world.classmate)
        asked: dict[str, Any] = {"grade_id": "analysis", "reason": "Look again.", "at": DUE}
        shown = released_or_404(world.student, world.assignment)
        request = request_regrade(released=shown, student=world.student, **asked)

        with pytest.raises(RegradeRefused, match="asked for already"):
            request_regrade(
                released=released_or_404(world.classmate, world.assignment), student=world.classmate, **asked
            )

        assert list(requests_visible_to(world.classmate)) == [request]
        assert list(requests_visible_to(world.ta)) == [request]
        assert not requests_visible_to(world.other_ta).exists()
        assert "Look again." in words_of(as_person(client, world.classmate).get(f"/courses/dl/regrades/{request.pk}/"))
