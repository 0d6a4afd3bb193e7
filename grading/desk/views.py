"""The grading desk: the next one that waits, the work beside its rubric, and saving without overwriting anybody."""

import re
from dataclasses import replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from assignments.access import assignment_or_404, work_or_404
from assignments.anonymity import is_masked, shown_name
from assignments.models import Submission
from assignments.people import whom_it_is_for
from courses.access import enrolment_or_404
from courses.digests import digest_of
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from grading.forms import Cell, ReviewForm
from grading.papers.selectors import earlier_work
from grading.papers.submissions import paper_page, report_of
from grading.rubrics.views import address_of_rubric
from grading.selectors import queues
from grading.selectors.grades import ItemGrade, item_of
from grading.selectors.reviews import conflict_of, saved_before, waiting_elsewhere
from grading.selectors.rubrics import rubrics_of, titles_of
from grading.selectors.sheets import own_sheet, sheets_of
from grading.services.marks import AlreadySavedError, MarkRefused, record_marks
from grading.services.reviews import Press, claim_next, open_review, was_saved
from grading.visibility import visible_result

OWNER = re.compile(r"g?[0-9]{1,9}")
OF_ONE_PAGE = ("csrfmiddlewaretoken", "seen", "key", "next")
"""Names of fields that say nothing of what was entered."""


@login_required
def review_next(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Take the next submission that a person must mark, in an order of the marker's own."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    target = assignment_or_404(staff, assignment)
    after, cell = request.GET.get("after", ""), clean_text(request.GET.get("cell", ""))
    found = claim_next(
        assignment=target,
        by=staff,
        after=after if OWNER.fullmatch(after) else "",
        help_others="help" in request.GET,
        cell=cell,
    )
    if found is not None and found.submission is not None:
        desk = [course, assignment, found.owner_slug, found.submission.number]
        return HttpResponseRedirect(reverse("review-create", args=desk, query=_staying(request)))
    said = (
        f"“{titles_of(target).get(cell, cell)}” waits nowhere that is free for you."
        if cell
        else waiting_elsewhere(staff, target)
    )
    messages.info(request, said) if said else messages.success(request, "Nothing waits for you here.")
    return redirect("submission-list", course, assignment)


@login_required
def review_create(request: SignedInRequest, course: str, assignment: str, owner: str, number: int) -> HttpResponse:
    """Read the work, tick what applies or give points, comment, go on to the next."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    submission = work_or_404(staff, assignment, number, owner, every_talk=True)
    item = _item(submission, staff)
    if reason := _why_not(staff, submission, item):
        messages.error(request, reason)
        return redirect("submission-list", course, assignment)
    only = clean_text(request.GET.get("cell", ""))
    form = _form(request, staff, submission, item, only)
    page: Page = {"only": only}
    if request.method == "POST":
        press = _press_in(request)
        if press is not None and was_saved(press, staff):
            return _after_review(request, staff, submission, new=True)
        if changed := form.outdated():
            messages.error(
                request, f"The rubric of {', '.join(changed)} changed while you were marking: look again, then save."
            )
            page["refused"], form = "outdated", _form(None, staff, submission, item, only, form.typed())
        elif form.is_valid():
            try:
                return _after_review(request, staff, submission, new=_saved(staff, submission, form, press))
            except MarkRefused as refused:
                messages.error(request, str(refused))
                page |= {"refused": "meanwhile", "yours": _sent(request), "yours_said": form.said()}
                item = _item(submission, staff)
                form = _form(None, staff, submission, item, only)
    if not submission.is_talk:  # a talk is marked by several at once
        page["held"] = open_review(submission=submission, by=staff)
    page["before"] = saved_before(staff, submission)
    page["typed_note"] = request.session.pop("note", {})
    page |= _page(request, staff, submission, item, form)
    return render(request, "grading/review_create.html", page, status=409 if "refused" in page else 200)


def _item(submission: Submission, staff: Enrolment) -> ItemGrade:
    """What stands on this person's desk: of a talk their own sheet."""
    item = item_of(submission)
    return replace(item, marks=own_sheet(submission, staff)) if submission.is_talk else item


def _why_not(staff: Enrolment, submission: Submission, item: ItemGrade) -> str:
    """Why this person does not mark this, in a sentence; empty: they may."""
    if conflict_of(staff, submission):
        return "Somebody else marks this work: a conflict of interest is stated for you."
    if item.history.speaks and not submission.is_talk:
        return "This group talks: its talk is marked, not its slides."
    return ""


def _saved(staff: Enrolment, submission: Submission, form: ReviewForm, press: Press | None) -> bool:
    """Carry it out, once; whether anything was new. Raises MarkRefused."""
    maxima = {row.grade_id: row.points for row in form.rows}
    fields = {"marks": form.marks(), "maxima": maxima, "seen": form.cleaned_data["seen"]}
    try:
        return bool(record_marks(submission=submission, by=staff, **fields, press=press))
    except AlreadySavedError:
        return True


def _staying(request: SignedInRequest) -> dict[str, str]:
    """What an address asks to stay with one cell, and with helping others."""
    return {name: clean_text(request.GET[name]) for name in ("cell", "help") if request.GET.get(name)}


def _press_in(request: SignedInRequest) -> Press | None:
    """This press of "save"; None if the page had no name for it."""
    try:
        return Press(UUID(request.POST.get("key", "")), digest_of(_sent(request)))
    except ValueError:
        return None


def _sent(request: SignedInRequest) -> list[tuple[str, str]]:
    """Names and values as they were sent, without what belongs to one page alone."""
    pairs = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    return [(name, value) for name, value in pairs if name not in OF_ONE_PAGE]


def _form(
    request: SignedInRequest | None,
    staff: Enrolment,
    submission: Submission,
    item: ItemGrade,
    only: str,
    typed: Page | None = None,
) -> ReviewForm:
    """What was sent, or what holds now with what was typed over it. `only`: one cell, if one was asked for."""
    rubrics = rubrics_of([submission.assignment])
    rows = visible_result(staff, item).rows
    seen = max((mark.pk for mark in item.marks.values()), default=0)
    return ReviewForm(
        request.POST if request and request.method == "POST" else None,
        rows=[row for row in rows if only in ("", row.grade_id)],
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
    result = visible_result(staff, item)
    if submission.is_talk:
        extra: Page = {"sheets": list(sheets_of(submission).values()), "item": item_of(submission)}
    else:
        is_named = not is_masked(staff, submission.assignment)
        extra = {"item": item, "earlier": earlier_work(submission) if is_named else None}
    return {
        **paper_page(submission, result.notes, report_of(submission)),
        **extra,
        "members": whom_it_is_for(submission, staff),
        "viewer": staff,
        "course": staff.course,
        "assignment": submission.assignment,
        "submission": submission,
        "result": result,
        "form": form,
        "key": uuid4(),
        "skip_to": "?" + urlencode({"after": submission.owner_slug, **_staying(request)}),
        "by_hand": [desk(cell) for cell in cells if cell.row.by_hand],
        "tests": [cell for cell in cells if not cell.row.by_hand],
    }


def _after_review(request: SignedInRequest, staff: Enrolment, submission: Submission, *, new: bool) -> HttpResponse:
    """Say what was done and go on."""
    name = shown_name(staff, submission.assignment, submission.owner)
    if new:
        messages.success(request, f"Saved: {name}.")
    else:
        messages.info(request, f"Nothing new was entered for {name}, so nothing was saved.")
    course, assignment = submission.assignment.course.slug, submission.assignment.slug
    if "next" in request.POST:
        further = {"after": submission.owner_slug, **_staying(request)}
        return HttpResponseRedirect(reverse("review-next", args=[course, assignment], query=further))
    return redirect("submission-detail", course, assignment, submission.owner_slug, submission.number)
