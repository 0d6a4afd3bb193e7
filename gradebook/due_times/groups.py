"""Pages where staff see which groups ask for more time, and give it."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from gradebook.effects.effect import Trial, tried
from grading.papers.selectors import members_now
from groups.members.selectors import groups_in_reach
from groups.models import Group
from projects.access import stage_or_404
from projects.handing_in.forms import GrantTimeForm
from projects.handing_in.more_time import MoreTimeRefused, decline_time, grant_time, withdraw_time
from projects.handing_in.selectors import requests_in_reach
from projects.models import MoreTime


@login_required
def more_time_list(request: SignedInRequest, course: str, stage: str) -> HttpResponse:
    """What groups asked for and were given, and giving more time. `?asked=7` begins with that request."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = stage_or_404(staff, stage)
    groups = groups_in_reach(staff, target.groups)
    rows = list(requests_in_reach(staff, target))
    initial = _initial(request, rows) if request.method == "GET" else {}
    form = GrantTimeForm(request.POST or None, groups=groups, listed_due=target.deadline, initial=initial)
    page: Page = {"viewer": staff, "course": staff.course, "stage": target, "rows": rows, "form": form}
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        trial = _tried(request, staff, fields["group"], lambda: grant_time(stage=target, by=staff, **fields))
        if trial.kept:
            messages.success(request, "Given. It holds at once, also for work already handed in; the group is told.")
            return redirect("more-time-list", course, stage)
        page |= {"effect": trial.effect, "seen": trial.seen}
    return render(request, "gradebook/more_time_list.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def more_time_decide(request: SignedInRequest, course: str, stage: str, asked: int) -> HttpResponse:
    """Decline a request, or withdraw what was given; with a reason that the group reads."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = stage_or_404(staff, stage)
    row = _row_or_404(staff, target, asked)
    reason = clean_text(request.POST.get("reason", ""))
    try:
        if row.decided_at is None:
            decline_time(asked=row, by=staff, answer=reason)
            messages.success(request, "Declined. The group is told why.")
        else:
            withdraw_time(granted=row, by=staff, reason=reason)
            messages.success(request, "Withdrawn. The group is told why.")
    except MoreTimeRefused as refused:
        messages.error(request, str(refused))
    return redirect("more-time-list", course, stage)


def _row_or_404(staff: Enrolment, stage: Assignment, key: int) -> MoreTime:
    found = requests_in_reach(staff, stage).filter(pk=key).first()
    if found is None:
        raise Http404("No such request")
    found.stage, found.group.group_set = stage, stage.groups
    return found


def _initial(request: SignedInRequest, rows: list[MoreTime]) -> Page:
    """What the group asked for, to be given as it is or changed."""
    asked = next((row for row in rows if str(row.pk) == request.GET.get("asked")), None)
    return {"group": asked.group_id, "until": asked.until, "reason": asked.reason} if asked else {}


def _tried(request: SignedInRequest, staff: Enrolment, group: Group, change: Callable[[], object]) -> Trial:
    def made() -> tuple[str, ...]:
        change()
        return ()

    return tried(staff.course, made, seen=request.POST.get("seen", ""), students=members_now(group))
