"""The weight editor: a tree with live sums; another scheme shows its effect before it holds."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assignments.selectors import assignments_of
from courses.access import enrolment_or_404
from courses.history.selectors import latest_changes
from courses.history.services import WEIGHTS
from courses.models import Course, Enrolment, Role
from courses.requests import Page, SignedInRequest, clean_text
from gradebook.effects.impact import is_released
from gradebook.policy.words import SHORT
from gradebook.schemes import rows, scheme

OUTDATED = "The effect is another one by now: look at it again, then save."
SAVED = "The weights hold from now on. What students were shown of single pieces of work stays as it is."


@login_required
def scheme_update(request: SignedInRequest, course: str) -> HttpResponse:
    """The scheme as a tree that can be edited; saved is only what was shown with its effect."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    parts = _parts(lecturer.course)
    typed = rows.typed_rows(request.POST) if request.method == "POST" else rows.stored_rows(lecturer.course)
    problem = ""
    if "add" in request.POST:
        typed = rows.with_part(typed, request.POST.get("part", ""), parts)
    if group := request.POST.get("distribute"):
        problem = rows.distribute(typed, group)
    draft = rows.read_draft(typed, lecturer.course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "parts": parts, "problem": problem}
    page |= {"topic": WEIGHTS, "changes": latest_changes(lecturer.course, WEIGHTS)}
    page |= {"optional": list(SHORT.items()), "reason": clean_text(request.POST.get("reason", ""))}
    if "add" not in request.POST and not draft.problems:
        page["balances"] = scheme.balances(draft.components)
        if "look" in request.POST or "save" in request.POST:
            page |= _impact(request, lecturer, draft)
            if page["saved"]:
                messages.success(request, SAVED)
                return redirect("scheme-update", course)
    page["problems"] = draft.problems if request.method == "POST" and "add" not in request.POST else {}
    page["rows"] = [(row, page["problems"].get(row["key"], "")) for row in rows.in_order(typed)]
    page["groups"] = [row for row, _ in page["rows"] if row["kind"] == "group"]
    wrong = page["problems"] or problem or page.get("refused")
    return render(request, "gradebook/scheme_update.html", page, status=422 if wrong else 200)


def _impact(request: SignedInRequest, lecturer: Enrolment, draft: rows.Draft) -> Page:
    """What the draft would do, why it cannot be saved, and whether it was."""
    course = lecturer.course
    impact = scheme.scheme_impact(lecturer, draft.components)
    version = scheme.version_of(course)
    seen = scheme.digest_of(draft.components, impact, version)
    page: Page = {"impact": impact, "seen": seen, "saved": False, "released": is_released(course)}
    if "save" not in request.POST:
        return page
    reason = clean_text(request.POST.get("reason", ""))
    page["refused"] = _refusal(draft, course, same=request.POST.get("seen") == seen, reason=reason)
    if not page["refused"]:
        try:
            scheme.save_scheme(course=course, components=draft.components, reason=reason, based_on=version, by=lecturer)
            page["saved"] = True
        except scheme.SchemeOutdated:
            page["refused"] = [OUTDATED]
    return page


def _refusal(draft: rows.Draft, course: Course, *, same: bool, reason: str) -> Sequence[str]:
    if course.is_published and (unbalanced := scheme.unbalanced(draft.components)):
        return unbalanced
    if not same:
        return [OUTDATED]
    if is_released(course) and not reason:
        return ["Grades were released: say why the weights change."]
    return []


def _parts(course: Course) -> list[tuple[str, str]]:
    """What can be added: a group, an entered mark, and every assignment."""
    assignments = [(f"assignment:{item.pk}", item.title) for item in assignments_of(course).listed()]
    return [
        ("entered:", "A mark that people enter: an exam, a talk, a demo"),
        ("group:", "A group of parts"),
        *assignments,
    ]
