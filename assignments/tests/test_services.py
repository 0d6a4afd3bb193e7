"""Handing in: all or nothing, the earlier version safe, the student asked before it costs."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, OperationalError, transaction

from assignments import inspection, services
from assignments.extensions import grant_extension
from assignments.models import Assignment, Extension, PendingReplacement, PutBackVersion, Submission
from assignments.receipts import receipt_of
from assignments.selectors import histories, history_of
from courses.models import OutgoingMail, StoredFile
from courses.receipts import verified_facts
from grading.models import Run
from tests import factories as make
from tests.factories import DUE

pytestmark = pytest.mark.django_db


def hand_in(world, content=None, *, late=timedelta(hours=-1), student=None, name="numbers.ipynb"):
    return services.receive_submission(
        assignment=world.assignment,
        owner=student or world.student,
        by=student or world.student,
        content=content or make.submitted(),
        name=name,
        received_at=DUE + late,
        completed_at=DUE + late,
    )


def test_receive_submission_stores_queues_and_writes_the_receipt_mail(world):
    submission = hand_in(world)

    assert (submission.number, submission.received_at) == (1, DUE - timedelta(hours=1))
    assert Run.objects.get(submission=submission).state == "queued"
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "student@gradus.example"
    assert "Sun 25 Oct 2026, 22:59:59 (Asia/Shanghai)" in mail.body
    assert submission.file_id in mail.body


@pytest.mark.parametrize("content", [b"no notebook", make.source_bytes()[:200], b"%PDF-1.5", b"[" * 99_999])
def test_refused_files_store_nothing_and_the_earlier_version_counts(world, content):
    kept = hand_in(world)
    before = (Submission.objects.count(), StoredFile.objects.count(), Run.objects.count())

    with pytest.raises(services.SubmissionRefused):
        hand_in(world, content)

    assert (Submission.objects.count(), StoredFile.objects.count(), Run.objects.count()) == before
    assert history_of(world.assignment, world.student).counting == kept


def test_a_failure_while_queueing_stores_no_submission(world, monkeypatch):
    def broken(**_):
        raise OSError("disk full")

    monkeypatch.setattr("grading.services.runs.queue_submission", broken)

    with pytest.raises(OSError, match="disk full"):
        hand_in(world)

    assert not Submission.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("moment", "says"), [({"opens_at": DUE - timedelta(minutes=1)}, "not open yet"), ({"closes_at": DUE}, "closed")]
)
def test_outside_its_window_an_assignment_takes_nothing(world, moment, says):
    late = timedelta(hours=1) if "closes_at" in moment else timedelta(hours=-1)
    Assignment.objects.filter(pk=world.assignment.pk).update(**moment)
    world.assignment.refresh_from_db()

    with pytest.raises(services.SubmissionRefused, match=says):
        hand_in(world, late=late)


def test_an_assignment_without_a_notebook_says_so(world):
    bare = make.make_assignment(world.course, "bare")

    with pytest.raises(services.SubmissionRefused, match="no notebook yet"):
        services.receive_submission(
            assignment=bare, owner=world.student, by=world.student, content=make.submitted(), name="x", received_at=DUE
        )


def test_the_same_bytes_again_change_nothing(world):
    hand_in(world)

    with pytest.raises(services.NothingChanged):
        hand_in(world, late=timedelta(hours=26))

    assert history_of(world.assignment, world.student).factor == 1


def test_a_replacement_that_lowers_the_factor_waits_for_a_yes(world):
    kept = hand_in(world)

    choice = hand_in(world, make.submitted(mark="2"), late=timedelta(hours=2, minutes=14))

    assert isinstance(choice, services.Choice)
    assert (choice.history.factor, choice.new_factor) == (Decimal(1), Decimal("0.9"))
    assert history_of(world.assignment, world.student).counting == kept

    at = choice.pending.received_at + timedelta(minutes=5)
    replaced = services.confirm_replacement(pending=choice.pending, by=choice.pending.student, at=at)

    assert replaced.received_at == DUE + timedelta(hours=2, minutes=14)
    assert history_of(world.assignment, world.student).factor == Decimal("0.9")
    assert not PendingReplacement.objects.exists()


def test_a_yes_that_comes_too_late_keeps_the_earlier_version(world):
    kept = hand_in(world)
    choice = hand_in(world, make.submitted(mark="2"), late=timedelta(hours=2))

    with pytest.raises(services.SubmissionRefused, match="expired"):
        services.confirm_replacement(
            pending=choice.pending, by=choice.pending.student, at=choice.pending.received_at + timedelta(minutes=31)
        )

    assert history_of(world.assignment, world.student).counting == kept


def test_a_late_replacement_of_late_work_with_the_same_factor_needs_no_question(world):
    hand_in(world, late=timedelta(hours=1))

    assert hand_in(world, make.submitted(mark="2"), late=timedelta(hours=2)).number == 2


def test_the_student_puts_the_previous_version_back(world):
    first = hand_in(world, late=timedelta(hours=-2))
    second = hand_in(world, make.submitted(mark="2"))

    soon = second.received_at + timedelta(minutes=10)
    services.put_back_version(submission=first, by=world.student, at=soon, review_began=False)

    assert history_of(world.assignment, world.student).counting == first


@pytest.mark.parametrize(("minutes", "began"), [(31, False), (5, True)])
def test_the_student_may_not_put_back_for_ever(world, minutes, began):
    first = hand_in(world, late=timedelta(hours=-2))
    second = hand_in(world, make.submitted(mark="2"))
    later = second.received_at + timedelta(minutes=minutes)

    with pytest.raises(services.SubmissionRefused, match="30 minutes"):
        services.put_back_version(submission=first, by=world.student, at=later, review_began=began)


def test_staff_put_back_at_any_time_with_a_reason(world):
    first = hand_in(world, late=timedelta(hours=-2))
    hand_in(world, make.submitted(mark="2"))
    later = DUE + timedelta(days=9)

    with pytest.raises(services.SubmissionRefused, match="reason"):
        services.put_back_version(submission=first, by=world.ta, at=later, review_began=True)
    services.put_back_version(submission=first, by=world.ta, at=later, review_began=True, reason="Wrong file")

    assert history_of(world.assignment, world.student).counting == first


def test_an_extension_holds_at_once_for_work_already_handed_in(world):
    hand_in(world, late=timedelta(hours=26))
    assert history_of(world.assignment, world.student).factor == Decimal("0.7")

    grant_extension(
        assignment=world.assignment, by=world.ta, due_at=DUE + timedelta(days=2), reason="Ill", student=world.student
    )

    history = history_of(world.assignment, world.student)
    assert (history.factor, history.is_extended) == (1, True)
    assert history_of(world.assignment, world.classmate).due_at == DUE


def test_an_extension_for_a_section_reaches_its_students_only(world):
    fields = {"assignment": world.assignment, "by": world.lecturer, "due_at": DUE + timedelta(days=1)}
    grant_extension(**fields, reason="Network down", section=world.section)
    outsider = make.enrol(world.course, section=world.other_section)

    found = histories([world.assignment], [world.student, world.classmate, outsider])

    due = [found[world.assignment.pk, s.pk].due_at - DUE for s in (world.student, world.classmate, outsider)]
    assert due == [timedelta(days=1), timedelta(days=1), timedelta(0)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\work\\nb.ipynb", "nb.ipynb"),
        ("作业🎓.ipynb", "作业🎓.ipynb"),
        ("a\x00b\n.ipynb", "ab.ipynb"),
        ("x" * 999, "x" * 120),
        ("", "notebook.ipynb"),
    ],
)
def test_names_are_kept_without_folders_and_control_characters(world, name, kept):
    assert hand_in(world, name=name).original_name == kept


def test_notices_tell_the_student_what_was_found(world):
    submission = hand_in(world, make.submitted(analysis="YOUR ANSWER HERE"))

    assert submission.notices == ["Still untouched: analysis."]


def test_receive_notebook_makes_the_student_version_the_cells_and_a_check(world):
    made = services.receive_notebook(
        assignment=world.assignment, by=world.lecturer, content=make.source_bytes(), name="numbers.ipynb"
    )

    assert (made.version, made.max_points) == (2, Decimal(6))
    rows = list(made.cells.values_list("grade_id", "role", "is_hidden"))
    assert rows == [("double_test", "tests", False), ("hidden_test", "tests", True), ("analysis", "manual", False)]
    assert Run.objects.get(notebook=made, submission=None).state == "queued"


def test_an_unusable_instructor_notebook_is_refused_with_its_cell(world):
    broken = make.notebook(make.assertion_cell("### BEGIN HIDDEN TESTS\nassert 1"))

    with pytest.raises(inspection.NotebookRefused, match="Cell 1 has “BEGIN HIDDEN TESTS”"):
        services.receive_notebook(
            assignment=world.assignment, by=world.lecturer, content=make.write_notebook(broken), name="x"
        )

    assert world.assignment.notebooks.count() == 1


def test_receipts_are_genuine_until_one_character_changes(world):
    submission = hand_in(world, late=timedelta(hours=2, minutes=14))
    receipt = receipt_of(submission, history_of(world.assignment, world.student))
    text = json.dumps(receipt)

    assert (receipt["factor"], receipt["late_seconds"]) == ("×0.9", 8040)
    assert verified_facts(text)
    assert verified_facts(json.dumps(json.loads(text), indent=4, ensure_ascii=True))
    assert not verified_facts(text.replace("×0.9", "×1.0").replace("\\u00d70.9", "\\u00d71.0"))
    for nonsense in ("", "{}", "[]", "7", '{"signature": 3}', '{"signature": "!"}'):
        assert not verified_facts(nonsense)


@pytest.mark.parametrize("model", [Submission, PutBackVersion])
def test_facts_are_never_edited(world, model):
    submission = make.make_submission(world.assignment, world.student)
    PutBackVersion.objects.create(submission=submission, put_back_by=world.ta, put_back_at=DUE)

    with pytest.raises((IntegrityError, InternalError, OperationalError)), transaction.atomic():
        model.objects.update(**({"number": 9} if model is Submission else {"reason": "x"}))


@pytest.mark.parametrize(
    "broken",
    [
        lambda w: make.make_assignment(w.course, "numbers"),
        lambda w: make.make_assignment(w.course, "b", opens_at=DUE),
        lambda w: make.make_assignment(w.course, "c", closes_at=DUE - timedelta(seconds=1)),
        lambda w: w.notebook.cells.create(grade_id="double_test", role="tests", points=1, position=9),
        lambda w: w.notebook.cells.create(grade_id="x", role="magic", points=1, position=9),
        lambda w: w.notebook.cells.create(grade_id="x", role="tests", points=-1, position=9),
        lambda w: Extension.objects.create(assignment=w.assignment, due_at=DUE, reason="x", granted_by=w.ta),
        lambda w: Extension.objects.create(
            assignment=w.assignment, due_at=DUE, reason="x", granted_by=w.ta, student=w.student, section=w.section
        ),
        lambda w: Extension.objects.create(
            assignment=w.assignment, due_at=DUE, reason="", granted_by=w.ta, student=w.student
        ),
    ],
)
def test_the_database_refuses(world, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        broken(world)


def test_submissions_keep_their_numbers_apart(world):
    first = make.make_submission(world.assignment, world.student)

    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            assignment=world.assignment, student=world.student, handed_in_by=world.student, number=first.number, file=first.file,
            original_name="x", received_at=DUE, completed_at=DUE, accepted_at=DUE,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(
            assignment=world.assignment, student=world.student, handed_in_by=world.student, number=9, file=first.file,
            original_name="x", received_at=DUE, completed_at=DUE - timedelta(seconds=1), accepted_at=DUE,
        )  # fmt: skip


def test_an_extension_beyond_the_closing_time_keeps_the_door_open(world):
    Assignment.objects.filter(pk=world.assignment.pk).update(closes_at=DUE + timedelta(hours=1))
    world.assignment.refresh_from_db()
    later = DUE + timedelta(days=3)
    grant_extension(assignment=world.assignment, by=world.ta, due_at=later, reason="Ill", student=world.student)

    assert hand_in(world, late=timedelta(days=2)).number == 1
    with pytest.raises(services.SubmissionRefused, match="closed"):
        hand_in(world, late=timedelta(days=2), student=world.classmate)


def test_an_on_time_version_from_days_ago_cannot_be_brought_back(world):
    first = hand_in(world)
    choice = hand_in(world, make.submitted(mark="2"), late=timedelta(hours=26))
    services.confirm_replacement(pending=choice.pending, by=choice.pending.student, at=choice.pending.received_at)
    third = hand_in(world, make.submitted(mark="3"), late=timedelta(hours=50))

    with pytest.raises(services.SubmissionRefused, match="previous version"):
        services.put_back_version(submission=first, by=world.student, at=third.accepted_at, review_began=False)


def test_a_confirmed_replacement_counts_even_if_something_was_put_back_meanwhile(world):
    first = hand_in(world, late=timedelta(hours=-3))
    second = hand_in(world, make.submitted(mark="2"), late=timedelta(hours=-0.05))
    services.put_back_version(submission=first, by=world.student, at=second.accepted_at, review_began=False)
    choice = hand_in(world, make.submitted(mark="3"), late=timedelta(hours=2))
    confirmed = services.confirm_replacement(
        pending=choice.pending, by=choice.pending.student, at=DUE + timedelta(hours=2, minutes=20)
    )

    history = history_of(world.assignment, world.student)

    assert history.counting == confirmed
    assert history.late_by == timedelta(hours=2)


def test_a_new_version_withdraws_an_open_question(world):
    hand_in(world)
    hand_in(world, make.submitted(mark="2"), late=timedelta(hours=2))
    hand_in(world, make.submitted(mark="3"), late=timedelta(minutes=-1))

    assert not PendingReplacement.objects.exists()


def test_the_student_is_told_when_staff_put_a_version_back(world):
    first = hand_in(world, late=timedelta(hours=-2))
    hand_in(world, make.submitted(mark="2"))

    services.put_back_version(submission=first, by=world.ta, at=DUE, review_began=True, reason="Wrong file")

    told = OutgoingMail.objects.get(subject__startswith="Version 1 counts")
    assert (told.recipient, "Wrong file" in told.body) == ("student@gradus.example", True)


def test_a_receipt_with_a_fact_written_twice_is_not_genuine(world):
    submission = hand_in(world, late=timedelta(hours=2))
    text = json.dumps(receipt_of(submission, history_of(world.assignment, world.student)), ensure_ascii=False)

    assert verified_facts(text)["factor"] == "×0.9"
    assert verified_facts(text.replace("{", '{"factor": "×1.0", ', 1)) is None
