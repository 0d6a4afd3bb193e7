"""Appeals in the browser: asking, talking, deciding."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assignments.access import marked_or_404
from courses.access import enrolment_or_404
from courses.models import Role
from courses.requests import Page, SignedInRequest, clean_text, key_in
from grading.models import RegradeRequest
from grading.rows import thawed
from grading.selectors import regrades
from grading.selectors.grades import item_of
from grading.selectors.reviews import conflict_of
from grading.services.regrades import (
    LONGEST,
    RegradeRefused,
    answer,
    decide,
    latest_mark,
    request_regrade,
    window_of,
)

State = RegradeRequest.State
MAY_BE = [(State.ACCEPTED, "Accept"), (State.PARTLY, "Accept in part"), (State.DECLINED, "Decline")]
SAID: dict[str, str] = {
    State.ESCALATED: "Handed on to the lecturer.",
    State.DECLINED: "Declined. The student is told why.",
}
CHANGED = "Decided, and the points are changed. The student sees them when the grade is released again."


class DecisionForm(forms.Form):
    """What becomes of it, in a sentence, and the points from now on."""

    state = forms.ChoiceField(label="Decision", choices=[*MAY_BE, (State.ESCALATED, "Hand on to the lecturer")])
    points = forms.DecimalField(label="Points from now on", required=False, min_value=Decimal(), decimal_places=3)
    text = forms.CharField(label="Why", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


@login_required
def regrade_list(request: SignedInRequest, course: str) -> HttpResponse:
    """For staff what waits and what was decided; for students their own."""
    viewer = enrolment_or_404(request.user, course)
    page: Page = {"viewer": viewer, "course": viewer.course, "now": timezone.now()}
    page["waiting"] = [r for r in regrades.requests_visible_to(viewer) if r.is_open]
    page["decided"] = regrades.requests_visible_to(viewer).exclude(decided_at=None).order_by("-decided_at")[:100]
    return render(request, "grading/regrade_list.html", page)


@login_required
def regrade_create(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """`?cell=analysis`: a student asks to look at one cell again."""
    student = enrolment_or_404(request.user, course)
    target = marked_or_404(student, assignment)
    released = regrades.released_or_404(student, target)
    grade_id = request.GET.get("cell", "")
    row = next((thawed(row) for row in released.rows if row["grade_id"] == grade_id), None)
    if row is None:
        raise Http404("No such cell")
    page: Page = {"viewer": student, "course": student.course, "assignment": target, "row": row}
    page |= {"until": window_of(released, grade_id), "released": released}
    if request.method == "POST":
        reason = clean_text(request.POST.get("reason", ""), LONGEST)
        try:
            made = request_regrade(
                released=released, student=student, grade_id=grade_id, reason=reason, at=request.arrived_at
            )
        except RegradeRefused as refused:
            page |= {"refused": str(refused), "reason": reason}
        else:
            messages.success(request, "Asked. You get a mail when somebody answers.")
            return redirect("regrade-detail", course, made.pk)
    return render(request, "grading/regrade_create.html", page, status=422 if "refused" in page else 200)


@login_required
def regrade_detail(request: SignedInRequest, course: str, regrade: int) -> HttpResponse:
    """The talk, and for staff the decision."""
    viewer = enrolment_or_404(request.user, course)
    found = regrades.request_or_404(viewer, regrade)
    conflict = viewer.is_staff and conflict_of(viewer, found.released.submission) is not None
    if conflict and found.is_open:
        messages.info(request, "A conflict of interest is stated for you: somebody else decides this.")
    deciding = (
        viewer.role >= Role.TA and not conflict and found.is_open and (viewer.is_lecturer or found.state == State.OPEN)
    )
    form = DecisionForm(request.POST if "decide" in request.POST else None) if deciding else None
    try:
        if form is not None and form.is_valid():
            seen = request.POST.get("seen", "")
            newest = key_in(seen)
            decided = decide(request=found, by=viewer, seen=newest, **form.cleaned_data)
            messages.success(request, SAID.get(decided.state, CHANGED))
            if decided.state in (State.ACCEPTED, State.PARTLY) and item_of(found.released.submission).ruling:
                messages.warning(request, "A ruling of the lecturer stands over this grade: its total stays as ruled.")
            return redirect("regrade-detail", course, regrade)
        if "write" in request.POST:
            answer(request=found, by=viewer, text=clean_text(request.POST.get("text", ""), LONGEST))
            return redirect("regrade-detail", course, regrade)
        if "decide" in request.POST and form is None:
            messages.error(request, "This is decided, or with the lecturer by now; what you wrote stands below.")
    except RegradeRefused as refused:
        messages.error(request, str(refused))
    row = next(thawed(row) for row in found.released.rows if row["grade_id"] == found.grade_id)
    page: Page = {"viewer": viewer, "course": viewer.course, "regrade": found, "row": row, "form": form}
    page |= {"submission": found.released.submission, "mark": latest_mark(found) if viewer.is_staff else None}
    page["typed"] = clean_text(request.POST.get("text", ""), LONGEST)
    return render(request, "grading/regrade_detail.html", page, status=422 if form and form.errors else 200)
