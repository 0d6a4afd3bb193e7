"""Pages about one group's work: as its members see it, and as staff mark it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from assignments import format_checks
from assignments.models import Submission
from assignments.selectors import History, history_of
from assignments.services import SubmissionRefused, put_back_version
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.policy.versions import may_put_back
from courses.requests import Page, SignedInRequest, clean_text
from grading.models import PaperNote
from grading.papers import services
from grading.papers.forms import SheetForm, place_in, seen_in
from grading.papers.pictures import picture_of
from grading.papers.reading import pages_of, shown
from grading.papers.selectors import (
    WAITING,
    GroupWork,
    feedback_for,
    note_or_none,
    previous_feedback,
    review_began,
    works_in_reach,
    works_of,
)
from groups.members.selectors import groups_with_members
from projects.access import deliverable_or_404, stage_or_404


@login_required
@never_cache
def deliverable_detail(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """One version: its receipt, what the format check says on which page, and what was said of it once released."""
    viewer = enrolment_or_404(request.user, course)
    submission = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    history = history_of(submission.assignment, submission.team)
    page: Page = {"viewer": viewer, "course": viewer.course, **_paper(viewer, submission)}
    page |= {"history": history, "counts": history.counting is not None and history.counting.pk == submission.pk}
    page["members"] = list(submission.members.select_related("user").order_by("user__name", "pk"))
    page["late_by"] = history.lateness_at(submission.received_at)
    page["factor"] = history.factor_at(submission.received_at)
    page["previous"] = None if viewer.is_staff or not page["counts"] else _previous(history)
    return render(request, "grading/deliverable_detail.html", page)


def _paper(viewer: Enrolment, submission: Submission) -> Page:
    """The pages, what was found on them, and what was said of them."""
    report = format_checks.report_of(submission)
    feedback = feedback_for(viewer, submission)
    where = [viewer.course.slug, submission.assignment.slug, submission.team.pk, submission.number]
    notes = [shown(note) for note in feedback.notes]
    pages = pages_of(report, notes, lambda number: reverse("page-picture", args=[*where, number]))
    return {
        "submission": submission, "stage": submission.assignment, "group": submission.team, "report": report,
        "feedback": feedback, "pages": pages,
    }  # fmt: skip


def _previous(history: History) -> Submission | None:
    """The version that the group may still put back."""
    if history.counting is None:
        return None
    began, now = review_began(history.counting), timezone.now()
    may = (v for v in history.submissions if may_put_back(history.turns, number=v.number, at=now, review_began=began))
    return next(may, None)


@login_required
@require_POST
def deliverable_put_back(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """Make an earlier version count again."""
    viewer = enrolment_or_404(request.user, course)
    submission = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    counting = history_of(submission.assignment, submission.team).counting
    try:
        put_back_version(
            submission=submission, by=viewer, at=request.arrived_at, reason=clean_text(request.POST.get("reason", "")),
            review_began=counting is not None and review_began(counting),
        )  # fmt: skip
    except SubmissionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Version {number} counts again. The group is told.")
    return redirect("deliverable-detail", course, stage, group, number)


@login_required
def page_picture(request: SignedInRequest, course: str, stage: str, group: int, number: int, page: int) -> HttpResponse:
    """One page as a picture that we drew."""
    viewer = enrolment_or_404(request.user, course)
    submission = deliverable_or_404(viewer, stage_or_404(viewer, stage), group, number)
    return picture_of(submission, page)


@login_required
def paper_list(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """Every group in reach: what it handed in, how late, and how far it is marked."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    target = stage_or_404(staff, stage)
    works = works_in_reach(staff, target.groups.project, target)
    page: Page = {"viewer": staff, "course": staff.course, "stage": target, "works": works, "now": timezone.now()}
    page["marked"] = sum(work.state == "marked" for work in works)
    page["waiting"] = [work for work in works if work.state in WAITING]
    page["has_criteria"] = bool(works and works[0].criteria)
    return render(request, "grading/paper_list.html", page)


@login_required
def paper_next(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """The next group whose work waits; `?after=7`: behind that one in the list, then from its beginning."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = stage_or_404(staff, stage)
    works = works_in_reach(staff, target.groups.project, target)
    after = request.GET.get("after", "")
    place = next((n + 1 for n, work in enumerate(works) if str(work.group.pk) == after), 0)
    for work in [*works[place:], *works[:place]]:
        if work.state in WAITING and work.counting and not work.is_talk and str(work.group.pk) != after:
            return redirect("paper-review", course, stage, work.group.pk, work.counting.number)
    messages.success(request, "Nothing waits for you here.")
    return redirect("paper-list", course, stage)


@login_required
@never_cache
def paper_review(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """A group's pages beside the sheet of criteria and what was said of the stage before."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    submission = deliverable_or_404(staff, stage_or_404(staff, stage), group, number)
    work = works_of(submission.assignment, groups_with_members([submission.team]))[0]
    if work.is_talk:
        messages.info(request, "This group talks: its talk is marked, not its slides.")
        return redirect("talk-day", course)
    if work.counting is None or work.counting.pk != submission.pk:
        messages.info(request, "Another version counts: this one is not marked.")
        return redirect("deliverable-detail", course, stage, group, number)
    sheet = dict(work.sheets[0]) if work.sheets else {}
    form = SheetForm(request.POST if request.method == "POST" else None, work=work, sheet=sheet)
    if form.is_valid() and _is_saved(request, staff, work, form):
        if "next" in request.POST:
            answer = redirect("paper-next", course, stage)
            answer["Location"] += f"?after={group}"
            return answer
        return redirect("paper-review", course, stage, group, number)
    page: Page = {"viewer": staff, "course": staff.course, **_paper(staff, submission), "form": form, "work": work}
    page |= {"history": work.history, "before": previous_feedback(staff, submission)}
    page["seen"] = max((mark.pk for mark in sheet.values()), default=0)
    return render(request, "grading/paper_review.html", page, status=422 if form.errors else 200)


def _is_saved(request: SignedInRequest, staff: Enrolment, work: GroupWork, form: SheetForm) -> bool:
    """Whether it was saved; why not stands in the form."""
    try:
        kept = services.record_paper_marks(work=work, by=staff, marks=form.marks(), seen=seen_in(request.POST))
    except services.MarkingRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, "Saved.")
    if kept:
        names = ", ".join(str(student.user) for student in kept)
        messages.warning(request, f"Entered by hand and therefore not changed: {names}.")
    return True


@login_required
@require_POST
def paper_note(request: SignedInRequest, course: str, stage: str, group: int, number: int) -> HttpResponse:
    """Write a note on a page or a place of it, or take one away."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    submission = deliverable_or_404(staff, stage_or_404(staff, stage), group, number)
    page, place = place_in(request.POST)
    try:
        if "remove" in request.POST:
            services.remove_note(note=_note_or_404(submission, request.POST["remove"]), by=staff)
        else:
            text = clean_text(request.POST.get("text", ""), 4000)
            services.note_on_page(submission=submission, by=staff, text=text, page=page, place=place)
    except services.MarkingRefused as refused:
        messages.error(request, str(refused))
    answer = redirect("paper-review", course, stage, group, number)
    answer["Location"] += f"#page-{page}" if page else "#notes"
    return answer


def _note_or_404(submission: Submission, key: str) -> PaperNote:
    note = note_or_none(submission, key)
    if note is None:
        raise Http404("No such note")
    return note
