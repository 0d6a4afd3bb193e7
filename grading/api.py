"""The JSON interface: the same doors, services and gate as the pages."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import api_view, parser_classes
from rest_framework.exceptions import NotAuthenticated
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from assignments import services
from assignments.access import assignment_or_404, own_or_404, submission_or_404
from assignments.forms import WorkForm
from assignments.kinds.registry import KINDS, kind_of
from assignments.receipts import receipt_of
from assignments.selectors import assignments_of, history_of
from courses.access import enrolment_or_404
from courses.models import User
from courses.selectors import enrolments_of
from grading.selectors.grades import item_of
from grading.visibility import result_or_404

if TYPE_CHECKING:
    Answer: TypeAlias = serializers.Serializer[Any]
else:
    Answer = serializers.Serializer  # DRF does not subscript it at run time


class CourseAnswer(Answer):
    slug = serializers.CharField()
    title = serializers.CharField()
    term = serializers.CharField()
    role = serializers.CharField()


class AssignmentAnswer(Answer):
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    with_code = serializers.CharField()
    opens_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    max_points = serializers.DecimalField(max_digits=8, decimal_places=3, allow_null=True)


class RowAnswer(Answer):
    grade_id = serializers.CharField()
    status = serializers.CharField()
    points = serializers.DecimalField(max_digits=8, decimal_places=3)
    score = serializers.DecimalField(max_digits=8, decimal_places=3, allow_null=True)
    title = serializers.CharField()
    message = serializers.CharField()
    comment = serializers.CharField()


class ResultAnswer(Answer):
    state = serializers.CharField()
    verdict = serializers.CharField()
    sentence = serializers.CharField()
    rows = RowAnswer(many=True)


class Upload(Answer):
    """One field, named by the assignment's kind, and `code` where that is asked for."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.FileField(required=False) for name in (*KINDS, "code")}


class Refusal(Answer):
    detail = serializers.CharField()


@extend_schema(responses=CourseAnswer(many=True))
@api_view()
def course_list(request: Request) -> Response:
    """The courses you are in."""
    rows = [
        {"slug": e.course.slug, "title": e.course.title, "term": e.course.term, "role": e.get_role_display()}
        for e in enrolments_of(_user(request))
    ]
    return Response(CourseAnswer(rows, many=True).data)


@extend_schema(responses=AssignmentAnswer(many=True))
@api_view()
def assignment_list(request: Request, course: str) -> Response:
    """The assignments you may see."""
    viewer = enrolment_or_404(_user(request), course)
    visible = [
        a for a in assignments_of(viewer.course).listed() if viewer.is_staff or a.has_opened(_arrived_at(request))
    ]
    return Response(AssignmentAnswer(visible, many=True).data)


@extend_schema(request={"multipart/form-data": Upload}, responses={201: dict, 200: Refusal, 409: Refusal, 422: Refusal})
@api_view(["POST"])
@parser_classes([MultiPartParser])
def submission_create(request: Request, course: str, assignment: str) -> Response:
    """Hand in a file, in the field that `kind` names, and where `with_code` says so the code in `code`; the answer is the
    signed receipt. 409: it would cost something, confirm in the browser.
    """
    student = enrolment_or_404(_user(request), course)
    target = assignment_or_404(student, assignment)
    if student.is_staff:
        raise Http404("Staff do not hand in")
    form = WorkForm(target, request.POST, request.FILES)
    field = next(iter(form.fields))
    if not form.is_valid():
        said = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return _refused(said, status.HTTP_422_UNPROCESSABLE_ENTITY)
    file = form.cleaned_data[field]
    try:
        received = services.receive_submission(
            assignment=target,
            owner=own_or_404(student, target),
            by=student,
            content=file.read(),
            name=file.name,
            received_at=_arrived_at(request),
            code=form.sent_code(),
        )
    except services.SubmissionRefused as refused:
        return _refused(str(refused), status.HTTP_422_UNPROCESSABLE_ENTITY)
    except services.NothingChanged:
        return _refused("These are the same bytes as the version that counts. Nothing was changed.", status.HTTP_200_OK)
    if isinstance(received, services.Choice):
        doubt = received.pending.doubt
        why = doubt or "This would lower your factor or spend slip days."
        return _refused(f"{why} Confirm in the browser.", status.HTTP_409_CONFLICT)
    return Response(receipt_of(received, history_of(target, received.owner)), status=status.HTTP_201_CREATED)


@extend_schema(responses=ResultAnswer)
@api_view()
def submission_detail(request: Request, course: str, assignment: str, owner: str, number: int) -> Response:
    """What you may know of one submission's result."""
    viewer = enrolment_or_404(_user(request), course)
    submission = submission_or_404(viewer, assignment, number, owner)
    result = result_or_404(viewer, item_of(submission, viewer))
    run = result.run
    waiting = "queued" if kind_of(submission.assignment).has_cells else "done"
    answer = {"state": run.state if run else waiting, "verdict": run.verdict if run else ""}
    return Response(ResultAnswer({**answer, "sentence": result.sentence, "rows": result.rows}).data)


def _user(request: Request) -> User:
    """Permission classes have turned away everybody else."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _arrived_at(request: Request) -> datetime:
    arrived_at: datetime = request._request.arrived_at  # type: ignore[attr-defined]  # noqa: SLF001  set by middleware on the request DRF wraps
    return arrived_at


def _refused(detail: str, code: int) -> Response:
    return Response({"detail": detail}, status=code)
