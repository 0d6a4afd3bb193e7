"""The late rule in three views, and another one with its effect shown before it is saved."""

import math
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from courses.access import enrolment_or_404
from courses.history.selectors import latest_changes
from courses.history.services import LATE_RULE
from courses.models import Course, Enrolment, Role
from courses.policy.lateness import LateRule, late_factor, timeline
from courses.policy.words import rule_sentence
from courses.requests import Page, SignedInRequest
from courses.selectors import current_late_policy, current_late_rule
from courses.services import PolicyOutdated, create_late_policy
from gradebook.effects.effect import Effect, rule_digest, rule_effect, rule_impact
from gradebook.late_rule.chart import chart_of
from gradebook.late_rule.forms import LateRuleForm, initial_of

MOST_SHOWN = 100
OUTDATED = "The effect is another one by now: look at it again, then save."
LONGEST_PROBE = 24 * 400


@login_required
def late_rule(request: SignedInRequest, course: str) -> HttpResponse:
    """The rule as a sentence, a table and a timeline; a probe; the form for another one."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    rule = current_late_rule(lecturer.course)
    form = LateRuleForm(request.POST) if request.method == "POST" else LateRuleForm(initial=initial_of(rule))
    page: Page = {
        "viewer": lecturer,
        "course": lecturer.course,
        "form": form,
        "policy": current_late_policy(lecturer.course),
    }
    page |= _probe(request, rule, lecturer.course)
    page |= {
        "current": _views_of(rule, lecturer.course, page.get("late_by")),
        "expressible": initial_of(rule) is not None,
        "changes": latest_changes(lecturer.course, LATE_RULE),
        "topic": LATE_RULE,
    }
    if form.is_valid():
        effect = rule_effect(lecturer.course, form.rule)
        version = page["policy"].version if page["policy"] else 0
        if _may_save(request, form, effect, version) and _saved(form, lecturer, version):
            messages.success(request, "The rule holds from now on, also for work already handed in.")
            return redirect("late-rule", course)
        page |= {
            "effect": effect,
            "impact": rule_impact(lecturer, form.rule),
            "proposed": _views_of(form.rule, lecturer.course, page.get("late_by")),
        }
        page["seen"] = rule_digest(effect, form.rule, version)
    return render(request, "gradebook/late_rule.html", page, status=422 if form.errors else 200)


def _saved(form: LateRuleForm, by: Enrolment, version: int) -> bool:
    """Whether it was still the rule that was looked at."""
    try:
        create_late_policy(
            course=by.course, rule=form.rule, reason=form.cleaned_data["reason"], based_on=version, by=by
        )
    except PolicyOutdated:
        form.add_error(None, OUTDATED)
        return False
    return True


def _may_save(request: SignedInRequest, form: LateRuleForm, effect: Effect, version: int) -> bool:
    """Only what was shown is saved, and with a reason once grades were released."""
    if "save" not in request.POST:
        return False
    if request.POST.get("seen") != rule_digest(effect, form.rule, version):
        form.add_error(None, OUTDATED)
        return False
    if effect.released and not form.cleaned_data["reason"].strip():
        form.add_error("reason", "Grades were released: say why the rule changes.")
        return False
    return True


def _views_of(rule: LateRule, course: Course, late_by: timedelta | None = None) -> dict[str, Any]:
    """The sentence students read, and the steps after an example due time, tonight, as a table and as a picture."""
    due_at = timezone.now().astimezone(course.zone).replace(hour=23, minute=59, second=59, microsecond=0)
    steps = timeline(due_at=due_at, rule=rule, zone=course.zone)
    rows = [(step, None if step.until is None else step.until - due_at) for step in steps[:MOST_SHOWN]]
    chart = chart_of(steps[:MOST_SHOWN], due_at=due_at, late_by=late_by)
    return {"sentence": rule_sentence(rule), "rows": rows, "due_at": due_at, "chart": chart}


def _probe(request: SignedInRequest, rule: LateRule, course: Course) -> dict[str, Any]:
    """`?hours=26`: what work that late counts."""
    try:
        asked = float(request.GET["hours"])
    except (KeyError, ValueError):
        return {}
    if not math.isfinite(asked):
        return {}
    due_at = timezone.now()
    late_by = timedelta(hours=min(max(asked, 0), LONGEST_PROBE))
    return {
        "late_by": late_by,
        "probed": late_factor(received_at=due_at + late_by, due_at=due_at, rule=rule, zone=course.zone),
    }
