"""Pages on which marks are entered and released: exams, demos, attendance."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from assignments.models import Assignment
from assignments.selectors import entered_of
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.policy.words import points_text
from courses.requests import Page, SignedInRequest, clean_text
from courses.roster_imports import RosterRefused, rows_of
from grading.entered.forms import TableForm
from grading.entered.pasted import Pasted, marks_in
from grading.entered.selectors import EnteredGrade, entered_grades, progress_of
from grading.entered.services import (
    EnteringRefused,
    Entry,
    record_entered,
    release_entered,
    undo_last_batch,
    withdraw_entered,
)
from grading.models import EnteredMark
from grading.policy.codes import code_of
from grading.rows import number_in
from grading.selectors.queues import current_students


@login_required
def entered_list(request: SignedInRequest, course: str) -> HttpResponse:
    """What marks are entered for, and how far each is."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    students = current_students(lecturer)
    grades = entered_grades(lecturer.course, students)
    page: Page = {"viewer": lecturer, "course": lecturer.course}
    page["rows"] = progress_of(entered_of(lecturer.course), len(students), grades)
    return render(request, "grading/entered_list.html", page)


@login_required
def entered_update(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """A row for each student with their mark."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    found = _target_or_404(lecturer, assignment)
    students = current_students(lecturer)
    problems: dict[int, str] = {}
    meanwhile: set[int] = set()
    loaded = Pasted()
    table = TableForm(request.POST, request.FILES) if "load" in request.POST else TableForm()
    if table.is_valid():
        loaded = _loaded(table, students, found)
    elif request.method == "POST" and not table.is_bound:
        entries, problems = _entries(request, students)
        try:
            if not problems:
                saved = record_entered(target=found, by=lecturer, entries=entries)
                messages.success(request, f"{saved} mark{'' if saved == 1 else 's'} saved.")
                return redirect("entered-update", course, assignment)
        except EnteringRefused as refused:
            problems = {mark.student_id: _meanwhile(mark) for mark in refused.meanwhile}
            meanwhile = set(problems)
    grades = entered_grades(lecturer.course, students)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "target": found}
    page["rows"] = [
        _row(request, s, grades.get((found.pk, s.pk), EnteredGrade()), problems, meanwhile) for s in students
    ]
    for row in page["rows"]:
        row["loaded"] = loaded.marks.get(row["student"].pk)
    page |= {"problems": problems, "table": table, "loaded": loaded}
    last = max((row["entered"].mark for row in page["rows"] if row["entered"].mark), key=lambda m: m.pk, default=None)
    page["batch"] = last.batch if last is not None else None
    wrong = problems or table.errors
    return render(request, "grading/entered_update.html", page, status=422 if wrong else 200)


def _loaded(table: TableForm, students: list[Enrolment], target: Assignment) -> Pasted:
    """What the table says, to be looked at before it is saved."""
    try:
        rows = rows_of(table.cleaned_data["content"])
    except RosterRefused as refused:
        table.add_error(None, refused.problems)
        return Pasted()
    return marks_in(rows, students, name=str(target), out_of=table.cleaned_data["out_of"])


@login_required
@require_POST
def entered_release(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Show the marks that stand there to the students."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    try:
        release_entered(target=_target_or_404(lecturer, assignment), by=lecturer)
        messages.success(request, "Released: students see these marks now, and are told by mail.")
    except EnteringRefused as refused:
        messages.error(request, str(refused))
    return redirect("entered-list", course)


@login_required
@require_POST
def entered_withdraw(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Show the marks no longer, with a reason that the students read."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    reason = clean_text(request.POST.get("reason", ""))
    try:
        count = withdraw_entered(target=_target_or_404(lecturer, assignment), by=lecturer, reason=reason)
        messages.success(request, f"Taken back from {count} student{'' if count == 1 else 's'}. They are told by mail.")
    except EnteringRefused as refused:
        messages.error(request, str(refused))
    return redirect("entered-list", course)


@login_required
@require_POST
def entered_undo(request: SignedInRequest, course: str, assignment: str) -> HttpResponse:
    """Put back what stood before the last save."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    try:
        count = undo_last_batch(
            target=_target_or_404(lecturer, assignment), by=lecturer, seen=request.POST.get("batch")
        )
        messages.success(request, f"{count} mark{'' if count == 1 else 's'} put back as before the last save.")
    except EnteringRefused as refused:
        messages.error(request, str(refused))
    return redirect("entered-update", course, assignment)


def _target_or_404(lecturer: Enrolment, slug: str) -> Assignment:
    found = next((each for each in entered_of(lecturer.course) if each.slug == slug), None)
    if found is None:
        raise Http404("No such item")
    return found


def _row(
    request: SignedInRequest,
    student: Enrolment,
    entered: EnteredGrade,
    problems: dict[int, str],
    meanwhile: set[int],
) -> dict[str, Any]:
    """What stands in the fields: what was sent, if it could not be saved, else the latest mark."""
    mark = entered.mark
    percent = "" if mark is None or mark.percent is None else format(mark.percent.normalize(), "f")
    percent = mark.code if mark and mark.code else percent
    fields = {"percent": percent, "note": mark.note if mark else ""}
    kept = bool(problems) or ("load" in request.POST and f"percent-{student.pk}" in request.POST)
    if kept:
        fields = {name: request.POST.get(f"{name}-{student.pk}", "") for name in fields}
    told = not kept or student.pk in meanwhile
    seen = (mark.pk if mark else 0) if told else request.POST.get(f"seen-{student.pk}", "")
    return {"student": student, "entered": entered, "seen": seen, "problem": problems.get(student.pk, ""), **fields}


def _entries(request: SignedInRequest, students: list[Enrolment]) -> tuple[dict[Enrolment, Entry], dict[int, str]]:
    """What was written for each student who stood on the page, and what is wrong with it."""
    entries, problems = {}, {}
    for student in students:
        sent = {name: request.POST.get(f"{name}-{student.pk}") for name in ("percent", "note", "seen")}
        if sent["percent"] is None:
            continue
        try:
            code = code_of(sent["percent"])
            percent = None if code else number_in(sent["percent"])
            note, seen = clean_text(sent["note"] or "", 300), int((sent["seen"] or "0")[:18])
            entries[student] = Entry(percent, note, seen, code)
        except ValueError as error:
            problems[student.pk] = str(error)
    return entries, problems


def _meanwhile(mark: EnteredMark) -> str:
    percent = "took the mark back" if mark.percent is None else f"entered {points_text(mark.percent)} %"
    percent = f"entered “{mark.code}”" if mark.code else percent
    return f"{mark.marker.user} {percent} meanwhile. Save again to put your mark over it."
