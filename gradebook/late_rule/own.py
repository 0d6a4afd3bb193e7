"""The late rule of one assignment: the course's, or one of its own, with its effect shown before it is saved."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.access import assignment_or_404
from assignments.models import Assignment
from courses.access import enrolment_or_404
from courses.history.services import Change, assignment_topic, record_changes
from courses.models import Course, Enrolment, Role
from courses.policy.late_rule_json import rule_as_json
from courses.policy.lateness import LateRule
from courses.policy.words import rule_sentence
from courses.requests import Page, SignedInRequest, clean_text
from courses.selectors import current_late_rule
from gradebook.effects.effect import tried
from gradebook.effects.impact import is_released
from gradebook.late_rule.forms import LateRuleForm, OwnLateRuleForm, initial_of

SAVED = "The rule of this assignment holds from now on, also for work already handed in."


@transaction.atomic
def set_late_rule(*, assignment: Assignment, rule: LateRule | None, by: Enrolment, reason: str = "") -> None:
    """What lateness costs in this assignment from now on; None: what it costs in the course."""
    Course.objects.select_for_update(no_key=True).get(pk=assignment.course_id)
    was = Assignment.objects.get(pk=assignment.pk).own_rule
    Assignment.objects.filter(pk=assignment.pk).update(late_rule=None if rule is None else rule_as_json(rule))
    said = Change(assignment.title, "Late rule", *map(_said, (was, rule)))
    record_changes(by=by, topic=assignment_topic(assignment.pk), changes=[said], reason=reason)


def _said(rule: LateRule | None) -> str:
    return "the course’s" if rule is None else rule_sentence(rule)


@login_required
def assignment_late_rule(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """The rule that holds here, and another one, or the course's."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = assignment_or_404(lecturer, assignment)
    own, general = target.own_rule, current_late_rule(lecturer.course)
    back = "course" in request.POST
    if request.method == "POST" and not back:
        form: LateRuleForm = OwnLateRuleForm(request.POST)
    else:
        form = OwnLateRuleForm(initial=initial_of(own or general))
    page: Page = {"viewer": lecturer, "course": lecturer.course, "assignment": target, "form": form}
    page |= {"own": own and rule_sentence(own), "general": rule_sentence(general), "back": back}
    page["expressible"] = initial_of(own or general) is not None
    if back or form.is_valid():
        wanted = None if back else form.rule
        reason = clean_text(request.POST.get("reason", ""))
        if is_released(lecturer.course) and not reason:
            page["needs_reason"] = True
        else:
            trial = tried(
                lecturer.course, lambda: _set(target, wanted, lecturer, reason), seen=request.POST.get("seen", "")
            )
            if trial.kept:
                messages.success(request, SAVED)
                return redirect("assignment-detail", course, assignment)
            page |= {"effect": trial.effect, "seen": trial.seen, "reason": reason}
    status = 422 if form.errors or page.get("needs_reason") else 200
    return render(request, "gradebook/assignment_late_rule.html", page, status=status)


def _set(assignment: Assignment, rule: LateRule | None, by: Enrolment, reason: str) -> Sequence[str]:
    set_late_rule(assignment=assignment, rule=rule, by=by, reason=reason)
    return ()
