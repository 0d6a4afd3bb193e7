"""Each feature × what is handed in × who hands it in, done; `docs/features.md` has the table that comes of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.anonymity import shown_name
from assignments.extensions import grant_extension, request_extension
from assignments.kinds.registry import kind_of
from assignments.models import ExtensionRequest, PendingReplacement
from assignments.receipts import receipt_of
from assignments.selectors import history_of
from assignments.services import (
    Choice,
    NothingChanged,
    confirm_replacement,
    put_back_version,
)
from courses.models import OutgoingMail
from grading.marking.services import draw_sample, record_second, state_conflict
from grading.models import Mark, ReleasedGrade, SecondReview
from grading.notes.forms import anchor_in
from grading.notes.services import write_note
from grading.selectors.grades import grades_for, item_of
from grading.selectors.regrades import released_or_404
from grading.selectors.rubrics import questions_of
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from grading.services.regrades import decide, request_regrade
from grading.services.releases import (
    NothingToRelease,
    hold_back,
    plan_release,
    release_grades,
    release_what_is_due,
    withdraw_release,
)
from grading.services.reviews import claim_next
from grading.services.rubrics import add_item
from grading.services.rulings import rule
from groups.models import Group
from tests import factories as make
from tests.factories import DUE
from tests.pages import as_person, words_of
from tests.work import Work, work_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TABLE = Path(settings.BASE_DIR) / "docs" / "features.md"
KINDS = ("notebook", "paper", "files")
CELLS = [*((kind, owner) for kind in KINDS for owner in ("student", "group")), ("paper", "project")]
"""Kind × owner. `project`: the groups of the course's project, a stage of which it is."""
ENTERED = ("entered", "student")


@pytest.fixture
def work(request, world, client) -> Work:
    return work_of(world, client, *request.param)


def _versions(work: Work) -> None:
    work.hand_in(0)
    assert work.hand_in(1).number == 2
    with pytest.raises(NothingChanged):
        work.hand_in(1)


def _receipt(work: Work) -> None:
    submission = work.hand_in()
    receipt = receipt_of(submission, history_of(work.assignment, work.owner))
    assert receipt["sha256"] == submission.file_id
    assert OutgoingMail.objects.filter(subject__startswith="Received: ").count() == len(work.students)


def _late_rule(work: Work) -> None:
    work.hand_in(late=2 * HOUR)
    assert history_of(work.assignment, work.owner).factor == Decimal("0.9")


def _replacement(work: Work) -> None:
    work.hand_in(0)
    assert isinstance(work.hand_in(1, late=2 * HOUR), Choice)
    pending = PendingReplacement.objects.get()
    at = DUE + 2 * HOUR
    confirm_replacement(pending=pending, by=work.world.student, at=at, seen=pending.file_id)
    assert history_of(work.assignment, work.owner).counting.number == 2


def _put_back(work: Work) -> None:
    first, second = work.hand_in(0), work.hand_in(1)
    put_back_version(submission=first, by=work.world.student, at=second.received_at + HOUR / 4, review_began=False)
    assert history_of(work.assignment, work.owner).counting == first


def _extension(work: Work) -> None:
    until = DUE + 5 * HOUR
    request_extension(
        assignment=work.assignment, owner=work.owner, by=work.world.student, wanted_until=until, reason="x"
    )
    whom: dict[str, Any] = {"group" if isinstance(work.owner, Group) else "student": work.owner}
    grant_extension(assignment=work.assignment, by=work.world.ta, due_at=until, reason="Ill", **whom)
    work.hand_in(late=2 * HOUR)
    assert history_of(work.assignment, work.owner).factor == 1
    assert ExtensionRequest.objects.get().granted


def _queue(work: Work) -> None:
    submission = work.ready()
    assert claim_next(assignment=work.assignment, by=work.world.ta).submission == submission
    assert claim_next(assignment=work.assignment, by=work.world.lecturer) is None


def _conflict(work: Work) -> None:
    submission = work.ready()
    state_conflict(marker=work.world.ta, student=work.students[-1], reason="Cousins", by=work.world.lecturer)
    assert claim_next(assignment=work.assignment, by=work.world.ta) is None
    answer = as_person(work.client, work.world.ta).get(work.address(submission) + "review/")
    assert answer.url == work.page + "submissions/"


def _rubric(work: Work) -> None:
    submission = work.ready()
    (cell, *_) = questions_of(work.assignment)
    item = add_item(assignment=work.assignment, grade_id=cell.grade_id, text="Half of it", points=cell.points / 2)
    ticked = {cell.grade_id: NewMark(None, "", rubric=(item.pk,))}
    maxima = {cell.grade_id: cell.points}
    record_marks(submission=submission, by=work.world.ta, marks=ticked, maxima=maxima, seen=0)
    assert item_of(submission).grade.manual == cell.points / 2


def _note(work: Work) -> None:
    submission = work.marked()
    sent = {"cell": "1", "page": "1", "file": "file.py", "line": "1"}
    anchor = anchor_in(kind_of(work.assignment).shown_as, sent)
    assert anchor
    write_note(submission=submission, by=work.world.ta, text="Say why.", anchor=anchor)
    assert "Say why." not in work.read_by(work.world.student, submission)
    release_grades(assignment=work.assignment, by=work.world.lecturer, students=work.students)
    for student in work.students:
        assert "Say why." in work.read_by(student, submission)


def _hidden_names(work: Work) -> None:
    submission = work.ready()
    work.assignment.is_anonymous = True
    work.assignment.save()
    name = str(work.owner if isinstance(work.owner, Group) else work.owner.user)
    masked = shown_name(work.world.ta, work.assignment, work.owner)
    page = words_of(as_person(work.client, work.world.ta).get(work.address(submission) + "review/"))
    assert masked in page.replace("\n", " ")
    assert f" {name} " not in page.replace(masked, "")
    assert shown_name(work.world.lecturer, work.assignment, work.owner) == name


def _second_mark(work: Work) -> None:
    work.marked()
    graders = [work.world.ta, work.world.lecturer]
    assert draw_sample(assignment=work.assignment, percent=100, graders=graders, by=work.world.lecturer) == 1
    review = SecondReview.objects.get()
    points = {question.grade_id: (Decimal(1), "") for question in questions_of(work.assignment)}
    record_second(review=review, points=points)
    review.refresh_from_db()
    assert review.done_at is not None
    assert review.marker == work.world.lecturer


def _hold(work: Work) -> None:
    work.marked()
    hold_back(assignment=work.assignment, student=work.students[-1], by=work.world.lecturer, reason="A hearing")
    if len(work.students) == 1:
        with pytest.raises(NothingToRelease):
            release_grades(assignment=work.assignment, by=work.world.lecturer, students=work.students)
    else:
        release_grades(assignment=work.assignment, by=work.world.lecturer, students=work.students)
        assert ReleasedGrade.objects.get().student == work.students[0]
    assert not ReleasedGrade.objects.filter(student=work.students[-1]).exists()


def _plan(work: Work) -> None:
    work.marked()
    soon = timezone.now() + HOUR
    plan_release(assignment=work.assignment, section=None, due_at=soon, by=work.world.lecturer)
    release_what_is_due(now=soon)
    assert ReleasedGrade.objects.count() == len(work.students)


def _withdraw(work: Work) -> None:
    submission = work.released()
    assert withdraw_release(assignment=work.assignment, by=work.world.lecturer, reason="Wrong.") == len(work.students)
    assert "Clear." not in work.read_by(work.students[-1], submission)


def _dry_run(work: Work) -> None:
    work.marked()
    address = f"{work.page}release/as/{work.students[-1].pk}/"
    assert "Clear." in words_of(as_person(work.client, work.world.lecturer).get(address))
    assert not ReleasedGrade.objects.exists()


def _mail(work: Work) -> None:
    work.released()
    told = OutgoingMail.objects.filter(subject__startswith="Grade released: ").values_list("recipient", flat=True)
    assert sorted(told) == sorted(student.user.email for student in work.students)


def _feedback(work: Work) -> None:
    submission = work.released()
    for student in work.students:
        kept = as_person(work.client, student).get(work.address(submission) + "feedback/").content.decode()
        assert "Clear." in kept
        assert str(student.user) in kept


def _regrade(work: Work) -> None:
    work.released()
    cell = questions_of(work.assignment)[0].grade_id
    shown = released_or_404(work.students[-1], work.assignment)
    asked = request_regrade(released=shown, student=work.students[-1], grade_id=cell, reason="Look.", at=timezone.now())
    decide(request=asked, by=work.world.ta, state="accepted", points=Decimal(1), text="Yes.", seen=None)
    assert Mark.objects.filter(grade_id=cell).latest("pk").points == 1
    release_grades(assignment=work.assignment, by=work.world.lecturer, students=work.students)
    assert len(set(ReleasedGrade.objects.order_by("-pk").values_list("total", flat=True)[: len(work.students)])) == 1


def _ruling(work: Work) -> None:
    work.marked()
    student = work.students[-1]
    rule(assignment=work.assignment, student=student, by=work.world.lecturer, reason="x", points=Decimal(1), code="")
    totals = {pk: item.grade.total for (_, pk), item in grades_for([work.assignment], work.students).items()}
    assert totals.pop(student.pk) == 1
    assert 1 not in totals.values()


def _recomputation(work: Work) -> None:
    work.released()
    found = recompute()
    assert (found.grades, found.different) == (len(work.students), 0)


def _gradebook(work: Work) -> None:
    make.make_scheme(work.world.course, work.assignment)
    work.released()
    page = words_of(as_person(work.client, work.students[-1]).get("/courses/dl/grades/"))
    assert work.assignment.title in page
    sheet = as_person(work.client, work.world.lecturer).get("/courses/dl/gradebook/registrar.csv")
    assert sheet.status_code == 200


def _api_hand_in(work: Work) -> None:
    sent = {str(work.assignment.kind): SimpleUploadedFile("work", work.content(1))}
    handed_in = as_person(work.client, work.world.student).post(f"/api{work.page}submissions/", sent)
    assert (handed_in.status_code, handed_in.json()["version"]) == (201, 1)
    assert work.client.post(f"/api{work.page}submissions/", {}).status_code == 422


def _api(work: Work) -> None:
    submission = work.released()
    answer = as_person(work.client, work.students[-1]).get(f"/api{work.address(submission)}")
    assert answer.json()["state"] == "done"
    assert {"Clear."} <= {row["comment"] for row in answer.json()["rows"]}


FEATURES: dict[str, Callable[[Work], None]] = {
    "Versions; the same bytes are no new one": _versions,
    "Signed receipt and its mail": _receipt,
    "Late rule": _late_rule,
    "A replacement that costs is asked for": _replacement,
    "Putting a version back": _put_back,
    "Extension, asked for and granted": _extension,
    "Review queue, given to one marker": _queue,
    "Conflict of interest": _conflict,
    "Rubric": _rubric,
    "Note on a place, read after the release": _note,
    "Hidden names": _hidden_names,
    "Second mark": _second_mark,
    "Held back": _hold,
    "Planned release": _plan,
    "Taken back": _withdraw,
    "Dry run": _dry_run,
    "Mail of the release": _mail,
    "Feedback to keep": _feedback,
    "Regrade request": _regrade,
    "Ruling for one student": _ruling,
    "Second computation": _recomputation,
    "Gradebook and tables": _gradebook,
    "API: handing in": _api_hand_in,
    "API: the result": _api,
}


NOT_ENTERED = {
    **dict.fromkeys(list(FEATURES)[:6], "nothing is handed in"),
    "Review queue, given to one marker": "no queue: a table",
    "Conflict of interest": "the lecturer enters them",
    "Rubric": "one figure",
    "Note on a place, read after the release": "no pages",
    "Hidden names": "names are what it is entered by",
    "Second mark": "there is nothing to read",
    "API: handing in": "nothing is handed in",
}
"""Feature → why an entered mark has it not."""
DONE = [
    pytest.param(FEATURES[feature], cell, id=f"{feature}-{' of a '.join(cell)}")
    for feature in FEATURES
    for cell in [*CELLS, *([] if feature in NOT_ENTERED else [ENTERED])]
]


@pytest.mark.parametrize(("feature", "work"), DONE, indirect=["work"])
def test_a_feature_holds_for_every_kind_and_owner(feature, work):
    feature(work)


def test_the_table_in_the_documentation_is_this_one():
    lines = TABLE.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert [row[0] for row in rows[2:]] == list(FEATURES)
    assert rows[0][1:-1] == [f"{kind}, {owner}" for kind, owner in CELLS]
    assert all(row[1:-1] == ["yes"] * len(CELLS) for row in rows[2:])
    assert {row[0]: row[-1] for row in rows[2:] if row[-1] != "yes"} == NOT_ENTERED
