"""The grading desk: the next one that waits, the work beside its rubric, and saving without overwriting anybody."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.access import assignment_or_404, submission_or_404
from assignments.models import Submission
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from grading.forms import Cell, ReviewForm
from grading.rubrics.views import address_of_rubric
from grading.selectors import queues
from grading.selectors.grades import ItemGrade, item_of
from grading.services.marks import MarkRefused, record_marks
from grading.services.rubrics import rubrics_of
from grading.visibility import visible_result


@login_required
def review_next(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Go to the next submission that a person must mark, in an order of the marker's own."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    target = assignment_or_404(staff, assignment)
    after = request.GET.get("after", "")
    items = queues.in_order_of(staff, queues.submissions_in_reach(staff, target))
    found = queues.next_to_review(items, after=int(after) if after.isascii() and after.isdigit() else 0)
    if found is None or found.history.counting is None:
        messages.success(request, "Nothing waits for you here.")
        return redirect("submission-list", course, assignment)
    return redirect("review-create", course, assignment, found.student.pk, found.history.counting.number)


@login_required
def review_create(request: SignedInRequest, course: str, assignment: str, student: int, number: int) -> HttpResponse:
    """Read the work, tick what applies or give points, comment, go on to the next."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = submission_or_404(staff, assignment, number, student)
    item = item_of(submission)
    form = _form(request, staff, submission, item)
    status = 200
    if request.method == "POST" and (changed := form.outdated()):
        messages.error(
            request, f"The rubric of {', '.join(changed)} changed while you were marking: look again, then save."
        )
        status, form = 409, _form(None, staff, submission, item, form.typed())
    elif request.method == "POST" and form.is_valid():
        try:
            maxima = {row.grade_id: row.points for row in form.rows}
            new = record_marks(
                submission=submission, by=staff, marks=form.marks(), maxima=maxima, seen=form.cleaned_data["seen"]
            )
        except MarkRefused as refused:
            messages.error(request, str(refused))
            status, item = 409, item_of(submission)
            form = _form(None, staff, submission, item)
        else:
            if new:
                messages.success(request, f"Saved: {submission.student.user}.")
            else:
                messages.info(request, f"Nothing new was entered for {submission.student.user}, so nothing was saved.")
            return _after_review(request, submission)
    page = _page(request, staff, submission, item, form)
    return render(request, "grading/review_create.html", page, status=status)


def _form(
    request: SignedInRequest | None,
    staff: Enrolment,
    submission: Submission,
    item: ItemGrade,
    typed: Page | None = None,
) -> ReviewForm:
    """What was sent, or what holds now with what was typed over it."""
    rubrics = rubrics_of([submission.assignment])
    seen = max((mark.pk for mark in item.marks.values()), default=0)
    return ReviewForm(
        request.POST if request and request.method == "POST" else None,
        rows=visible_result(staff, item).rows,
        rubrics={grade_id: rubric for (_, grade_id), rubric in rubrics.items()},
        marks=item.marks,
        initial={"seen": seen, **(typed or {})},
    )


def _page(
    request: SignedInRequest, staff: Enrolment, submission: Submission, item: ItemGrade, form: ReviewForm
) -> Page:
    answers = queues.written_answers(item.run)
    bank = queues.comments_of(submission.assignment)

    def desk(cell: Cell) -> tuple[Cell, str, list[str], str]:
        grade_id = cell.row.grade_id
        rubric = address_of_rubric(submission.assignment, grade_id, request.path) if staff.role >= Role.TA else ""
        return cell, answers.get(grade_id, ""), bank.get(grade_id, []), rubric

    cells = form.cells()
    return {
        "viewer": staff,
        "course": staff.course,
        "assignment": submission.assignment,
        "submission": submission,
        "item": item,
        "result": visible_result(staff, item),
        "form": form,
        "by_hand": [desk(cell) for cell in cells if cell.row.by_hand],
        "tests": [cell for cell in cells if not cell.row.by_hand],
    }


def _after_review(request: SignedInRequest, submission: Submission) -> HttpResponse:
    course, assignment = submission.assignment.course.slug, submission.assignment.slug
    if "next" in request.POST:
        response = redirect("review-next", course, assignment)
        response["Location"] += f"?after={submission.student_id}"
        return response
    return redirect("submission-detail", course, assignment, submission.student_id, submission.number)
