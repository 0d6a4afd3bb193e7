"""Many at once at the rules of a course, on PostgreSQL: requests, decisions, weights, people, slip days."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assignments.extensions import (
    ExtensionRefused,
    decline_request,
    grant_extension,
    request_extension,
    withdraw_extension,
)
from assignments.models import Extension, ExtensionRequest
from assignments.selectors import histories
from assignments.services import receive_submission
from courses.models import Announcement, Enrolment, OutgoingMail, Role, User
from courses.people import PersonRefused, add_person, leave_course
from courses.policy.lateness import LateRule, SlipDays
from courses.services import create_late_policy
from gradebook.effects.effect import tried
from gradebook.models import Scheme
from gradebook.schemes.rows import read_draft, stored_rows
from gradebook.schemes.scheme import save_scheme
from grading.models import Mark
from grading.services.marks import NewMark, record_marks
from grading.services.regrades import RegradeRefused, decide
from grading.services.rubrics import add_item, change_item
from tests import factories as make
from tests.test_concurrency import MANY, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
LATER = make.DUE + timedelta(days=2)


def test_a_student_who_asks_many_times_at_once_has_asked_once(world):
    def ask():
        return request_extension(
            assignment=world.assignment, owner=world.student, by=world.student, wanted_until=LATER, reason="Ill"
        )

    results = at_once(*[ask] * MANY)

    assert sum(isinstance(result, ExtensionRequest) for result in results) == 1
    assert sum(isinstance(result, ExtensionRefused) for result in results) == MANY - 1


def test_a_request_is_declined_once(world):
    request = request_extension(
        assignment=world.assignment, owner=world.student, by=world.student, wanted_until=LATER, reason="Ill"
    )

    results = at_once(*[lambda: decline_request(request=request, by=world.ta, answer="No")] * MANY)

    assert results.count(None) == 1
    assert OutgoingMail.objects.count() == 1


def test_an_extension_is_withdrawn_once(world):
    extension = grant_extension(
        assignment=world.assignment, by=world.ta, due_at=LATER, reason="Ill", student=world.student
    )
    OutgoingMail.objects.all().delete()

    results = at_once(*[lambda: withdraw_extension(extension=extension, by=world.ta, reason="x")] * MANY)

    assert results.count(None) == 1
    assert OutgoingMail.objects.count() == 1


def test_one_of_two_lecturers_stays_when_both_go_at_once(world):
    other = make.enrol(world.course, Role.LECTURER)

    results = at_once(
        lambda: leave_course(enrolment=world.lecturer, by=world.lecturer),
        lambda: leave_course(enrolment=other, by=world.lecturer),
    )

    assert sum(isinstance(result, PersonRefused) for result in results) == 1
    assert Enrolment.objects.filter(course=world.course, role=Role.LECTURER, left_at=None).count() == 1


def test_a_person_added_many_times_at_once_is_there_once(world):
    def add():
        return add_person(course=world.course, by=world.lecturer, name="Noor", mail="noor@gradus.example", role=Role.TA)

    results = at_once(*[add] * MANY)

    assert sum(isinstance(result, Enrolment) for result in results) == 1
    assert User.objects.filter(email="noor@gradus.example").count() == 1
    assert OutgoingMail.objects.filter(recipient="noor@gradus.example").count() == 1


def test_weights_saved_at_once_are_versions_one_after_the_other(world):
    make.make_scheme(world.course, world.assignment)
    drafts = [read_draft(stored_rows(world.course), world.course).components for _ in range(MANY)]

    results = at_once(*[lambda draft=draft: save_scheme(course=world.course, components=draft) for draft in drafts])

    assert all(isinstance(result, Scheme) for result in results)
    versions = list(Scheme.objects.filter(course=world.course).values_list("version", flat=True))
    assert sorted(versions) == list(range(1, MANY + 2))


def test_a_trial_that_is_undone_is_never_seen_by_others(world):
    """Others look at the due time while an extension is tried again and again, and never kept."""
    make.make_submission(world.assignment, world.student, late=timedelta(hours=30))

    def change():
        grant_extension(assignment=world.assignment, by=world.ta, due_at=LATER, reason="Ill", student=world.student)
        return ()

    def look():
        seen = set()
        for _ in range(20):
            seen.add(histories([world.assignment], [world.student])[world.assignment.pk, world.student.pk].due_at)
        return seen

    results = at_once(look, *[lambda: tried(world.course, change, seen="not this", students=[world.student])] * 4)

    assert results[0] == {make.DUE}
    assert {trial.kept for trial in results[1:]} == {False}
    assert (Extension.objects.count(), OutgoingMail.objects.count()) == (0, 0)


def test_two_assignments_handed_in_at_once_share_one_budget_of_slip_days(world):
    rule = LateRule(beyond=Decimal("0.5"), slip_days=SlipDays(2, 2))
    create_late_policy(course=world.course, rule=rule)
    second = make.make_assignment(world.course, "second", due_at=make.DUE)
    make.make_notebook(second, world.lecturer)

    def hand_in(assignment):
        at = assignment.due_at + timedelta(hours=40)
        return receive_submission(
            assignment=assignment, owner=world.student, by=world.student, content=make.submitted(mark=assignment.slug),
            name="n.ipynb", received_at=at, completed_at=at,
        )  # fmt: skip

    at_once(lambda: hand_in(world.assignment), lambda: hand_in(second))

    found = histories([world.assignment, second], [world.student])
    assert sum(history.slip_days for history in found.values()) == 2
    assert sorted(history.factor for history in found.values()) == [Decimal("0.5"), 1]
    assert not Announcement.objects.exists()


def test_marking_and_changing_the_rubric_at_once_end_in_points_that_the_rubric_gives(world):
    """Six submissions are marked while the item's points change again and again."""
    item = add_item(assignment=world.assignment, grade_id="analysis", text="Good", points=Decimal(1))
    students = [make.enrol(world.course, section=world.section) for _ in range(6)]
    work = [make.make_submission(world.assignment, student) for student in students]
    for submission in work:
        make.run_of(submission)

    def mark(submission):
        new = {"analysis": NewMark(None, "", (item.pk,))}
        return record_marks(submission=submission, by=world.ta, marks=new, maxima={"analysis": Decimal(3)}, seen=0)

    def change(points):
        return change_item(item=item, text="Good", points=Decimal(points), by=world.lecturer)

    results = at_once(
        *[lambda submission=submission: mark(submission) for submission in work],
        *[lambda points=points: change(points) for points in (2, 3)],
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    item.refresh_from_db()
    latest = {mark.submission_id: mark.points for mark in Mark.objects.order_by("pk")}
    assert latest == {submission.pk: item.points for submission in work}


def test_an_appeal_is_decided_once(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission, analysis="passed")
    regrade = make.ask_for_regrade(make.release_of(submission, world.lecturer), world.student)

    results = at_once(
        *[lambda: decide(request=regrade, by=world.ta, state="accepted", text="Yes", points=Decimal(3))] * MANY
    )

    assert sum(isinstance(result, RegradeRefused) for result in results) == MANY - 1
    assert Mark.objects.count() == 1


def test_a_cell_asked_for_many_times_at_once_is_asked_for_once(world):
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission, analysis="passed")
    released = make.release_of(submission, world.lecturer)

    results = at_once(*[lambda: make.ask_for_regrade(released, world.student)] * MANY)

    assert sum(isinstance(result, RegradeRefused) for result in results) == MANY - 1
