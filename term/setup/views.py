"""The set-up in the browser: one page for each part of a course, saved by itself, with its effect shown first."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from courses.access import enrolment_or_404
from courses.history.services import COURSE, Change, changes_in, record_changes
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from gradebook.effects.effect import tried
from projects.selectors import project_of
from term.setup.calendar import CalendarRefused, resolve_dates
from term.setup.parts import PARTS, PartRefused


@login_required
def course_part(request: SignedInRequest, course: str, part: str) -> HttpResponse:
    """Edit one part of the course. What moves a due time or counts work differently is shown before it is saved."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    if part not in PARTS:
        raise Http404("No such part")
    if part in ("stages", "talks") and project_of(lecturer.course_id) is None:
        messages.info(request, "Say first what the project is; then its stages.")
        return redirect("course-part", course, "project")
    posted = request.POST if request.method == "POST" else None
    made = PARTS[part].of(lecturer.course, posted, request.FILES or None)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "part": PARTS[part]}
    if made.is_bound and made.is_valid():
        try:
            trial = tried(lecturer.course, lambda: _saved(made, lecturer, part), seen=request.POST.get("seen", ""))
        except (CalendarRefused, PartRefused) as refused:
            page["refused"] = getattr(refused, "problems", [str(refused)])
        else:
            if trial.kept:
                messages.success(request, "Saved.")
                return redirect("course-part", course, part)
            page |= {"effect": trial.effect, "seen": trial.seen}
        made = PARTS[part].of(lecturer.course, posted, request.FILES or None)  # the rows that were tried are gone
    page |= {"made": made, "forms": list(made) if PARTS[part].rows else [made]}
    wrong = page.get("refused") or not (made.is_valid() if made.is_bound else True)
    return render(request, "term/course_part.html", page, status=422 if wrong else 200)


def _saved(made: Any, by: Enrolment, part: str) -> Sequence[str]:
    """Write what was typed, keep who changed what, and let the dates follow."""
    forms = made.forms if PARTS[part].rows else [made]
    gone = list(made.deleted_forms) if PARTS[part].rows else []
    changes = [Change(str(form.instance), "Removed", "yes", "") for form in gone]
    for form in forms:
        if form not in gone and form.has_changed():
            changes += changes_in(form, str(form.instance), by, without=("upload",))
    made.save()
    moved = resolve_dates(by.course)
    changes += [Change("Due times", "", "", sentence) for sentence in moved]
    record_changes(by=by, topic=COURSE, changes=changes)
    return moved
