"""Due times that move: dates edited, extensions granted and withdrawn. What work would count is shown first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assignments.access import assignment_or_404, extension_or_404, request_or_404
from assignments.extensions import (
    ExtensionRefused,
    decline_request,
    due_times,
    grant_extension,
    owners_of,
    tell_brought_forward,
    withdraw_extension,
)
from assignments.forms import AssignmentForm, ExtensionForm
from assignments.models import Assignment, Extension
from assignments.more_time import extensions_in_reach, requests_in_reach
from assignments.owners import Owner, people_of
from courses.access import enrolment_or_404
from courses.history.selectors import latest_changes
from courses.history.services import assignment_topic, changes_in, record_changes
from courses.models import Course, Enrolment, Role, Section
from courses.requests import Page, SignedInRequest, clean_text
from courses.services import rename_in_late_rule
from gradebook.effects.effect import Trial, tried
from groups.models import Group

GRANTED = "Granted. It holds at once, also for work already handed in."


@login_required
def assignment_update(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Change title and dates. Factors follow at once, released grades never."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = assignment_or_404(lecturer, assignment)
    before = due_times(target) if request.method == "POST" else {}
    form = AssignmentForm(request.POST or None, instance=target)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "form": form}
    if request.method == "POST" and form.is_valid():
        trial = tried(
            lecturer.course, lambda: _update(form, assignment, before, lecturer), seen=request.POST.get("seen", "")
        )
        if trial.kept:
            messages.success(request, "Saved.")
            return redirect("assignment-detail", course, target.slug)
        page |= {"effect": trial.effect, "seen": trial.seen}
    page["address"] = assignment  # the form may have written another into its row
    page["topic"] = assignment_topic(target.pk)
    page["changes"] = latest_changes(lecturer.course, page["topic"])
    return render(request, "assignments/assignment_form.html", page)


@login_required
def extension_list(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """What was asked for and granted for an assignment, and granting one more. `?asked=7` begins with that request."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    initial = _initial(request, staff, target) if request.method == "GET" else {}
    form = ExtensionForm(request.POST or None, staff=staff, assignment=target, initial=initial)
    page = _page(staff, target, form)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("due_at", "reason")}
        whom = [person for each in form.whom() for person in _students(**each)]
        trial = _tried(request, staff.course, lambda: _granted(form, target, staff, fields), whom)
        if trial.kept:
            messages.success(request, GRANTED)
            return redirect("extension-list", course, assignment)
        page |= {"effect": trial.effect, "seen": trial.seen}
    return render(request, "assignments/extension_list.html", page)


@login_required
@require_POST
def extension_withdraw(request: SignedInRequest, course: str, assignment: str, extension: int) -> HttpResponse:
    """An extension no longer holds, with a reason."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    found = extension_or_404(staff, target, extension)
    reason = clean_text(request.POST.get("reason", ""))
    try:
        trial = _tried(
            request,
            staff.course,
            lambda: withdraw_extension(extension=found, by=staff, reason=reason),
            _students(student=found.student, group=found.group, section=found.section),
        )
    except ExtensionRefused as refused:
        messages.error(request, str(refused))
        return redirect("extension-list", course, assignment)
    if trial.kept:
        messages.success(request, "Withdrawn.")
        return redirect("extension-list", course, assignment)
    page = _page(staff, target, ExtensionForm(staff=staff, assignment=target))
    page |= {"effect": trial.effect, "seen": trial.seen, "withdrawn": found, "reason": reason}
    return render(request, "assignments/extension_list.html", page)


@login_required
@require_POST
def extension_decline(request: SignedInRequest, course: str, assignment: str, asked: int) -> HttpResponse:
    """Say no to whoever asked for more time."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    target = assignment_or_404(staff, assignment)
    try:
        decline_request(
            request=request_or_404(staff, target, asked), by=staff, answer=clean_text(request.POST.get("answer", ""))
        )
    except ExtensionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Declined. Whoever asked is told why.")
    return redirect("extension-list", course, assignment)


def _update(form: AssignmentForm, old: str, before: Mapping[Owner, datetime], by: Enrolment) -> list[str]:
    """Saves it and keeps who changed what; what is due earlier, in a sentence: who saves is asked, who has nothing in told."""
    changes = changes_in(form, str(form.instance), by, without=("reason",))
    changed = form.save()
    topic = assignment_topic(changed.pk)
    record_changes(by=by, topic=topic, changes=changes, reason=form.cleaned_data["reason"])
    if changed.slug != old:
        rename_in_late_rule(course=changed.course, old=old, new=changed.slug)
    said = tell_brought_forward(changed, before)
    return [said] if said else []


def _granted(form: ExtensionForm, assignment: Assignment, by: Enrolment, fields: Mapping[str, Any]) -> None:
    """One extension for each whom the form names: all of them or none."""
    for whom in form.whom():
        grant_extension(assignment=assignment, by=by, **whom, **fields)


def _tried(
    request: SignedInRequest,
    course: Course,
    change: Callable[[], object],
    students: Sequence[Enrolment] | None = None,
) -> Trial:
    def made() -> Sequence[str]:
        change()
        return ()

    return tried(course, made, seen=request.POST.get("seen", ""), students=students)


def _students(
    *, student: Enrolment | None = None, group: Group | None = None, section: Section | None = None
) -> list[Enrolment]:
    """Those whom an extension for one of the three concerns."""
    owners = owners_of(student=student, group=group, section=section)
    return [person for owner in owners for person in people_of(owner)]


def _page(staff: Enrolment, assignment: Assignment, form: ExtensionForm) -> Page:
    extensions: list[Extension] = list(extensions_in_reach(staff, assignment))
    asked = list(requests_in_reach(staff, assignment))
    page: Page = {"viewer": staff, "course": staff.course, "assignment": assignment, "form": form}
    return page | {"extensions": extensions, "asked": asked}


def _initial(request: SignedInRequest, staff: Enrolment, assignment: Assignment) -> Page:
    """What the student asked for, to be granted as it is or changed."""
    asked = request.GET.get("asked", "")
    if not asked.isascii() or not asked.isdigit():
        return {}
    found = request_or_404(staff, assignment, int(asked[:9]))
    return {
        "student": [found.student_id],
        "group": [found.group_id],
        "due_at": found.wanted_until,
        "reason": found.reason,
    }
