"""Pages on which marks are entered: exams, demos, attendance."""

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
from grading.entered.forms import MarksForm
from grading.entered.pasted import Pasted, as_text, marks_in
from grading.entered.selectors import progress_of
from grading.entered.services import EnteringRefused, Entry, entry_of, record_entered, undo_last_batch
from grading.models import Mark
from grading.policy.codes import SAID, Code, code_of
from grading.rows import ENTERED_ROW, number_in
from grading.selectors.grades import ItemGrade, grades_for
from grading.selectors.queues import current_students


@login_required
def entered_list(request: SignedInRequest, course: str) -> HttpResponse:
    """What marks are entered for, and how far each is."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    page: Page = {"viewer": lecturer, "course": lecturer.course}
    page["rows"] = progress_of(entered_of(lecturer.course), current_students(lecturer))
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
    table = MarksForm(request.POST, request.FILES) if "load" in request.POST else MarksForm()
    if table.is_valid():
        loaded, table = _loaded(table, students, found)
    elif request.method == "POST" and not table.is_bound:
        entries, problems = _entries(request, students)
        try:
            if not problems:
                saved = record_entered(target=found, by=lecturer, entries=entries)
                messages.success(request, f"{saved} mark{'' if saved == 1 else 's'} saved.")
                return redirect("entered-update", course, assignment)
        except EnteringRefused as refused:
            problems = {mark.submission.student_id or 0: _meanwhile(mark) for mark in refused.meanwhile}
            meanwhile = set(problems)
    items = grades_for([found], students)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "target": found}
    page["rows"] = [_row(request, s, items[found.pk, s.pk], problems, meanwhile) for s in students]
    for row in page["rows"]:
        row["loaded"] = loaded.marks.get(row["student"].pk)
    page |= {"problems": problems, "table": table, "loaded": loaded}
    stand = [mark for item in items.values() for mark in item.marks.values()]
    page["batch"] = max(stand, key=lambda mark: mark.pk).batch if stand else None
    wrong = problems or table.errors
    return render(request, "grading/entered_update.html", page, status=422 if wrong else 200)


def _loaded(table: MarksForm, students: list[Enrolment], target: Assignment) -> tuple[Pasted, MarksForm]:
    """What the table says, to be looked at before it is saved; and the form with it, if a column must be chosen first."""
    said = table.cleaned_data
    try:
        rows = rows_of(said["content"])
    except RosterRefused as refused:
        table.add_error(None, refused.problems)
        return Pasted(), table
    loaded = marks_in(rows, students, name=str(target), out_of=said["out_of"], column=said["column"])
    again = MarksForm(initial={"pasted": as_text(rows), "out_of": said["out_of"]}) if loaded.choices else table
    return loaded, again


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
    item: ItemGrade,
    problems: dict[int, str],
    meanwhile: set[int],
) -> dict[str, Any]:
    """What stands in the fields: what was sent, if it could not be saved, else the latest mark."""
    stands = entry_of(item.marks.get(ENTERED_ROW.grade_id))
    percent = "" if stands.percent is None else format(stands.percent.normalize(), "f")
    fields = {"percent": stands.code or percent, "note": stands.note}
    kept = bool(problems) or ("load" in request.POST and f"percent-{student.pk}" in request.POST)
    if kept:
        fields = {name: request.POST.get(f"{name}-{student.pk}", "") for name in fields}
    told = not kept or student.pk in meanwhile
    seen = stands.seen if told else request.POST.get(f"seen-{student.pk}", "")
    said = {"counts": _counts(item), "problem": problems.get(student.pk, "")}
    return {"student": student, "seen": seen, **said, **fields}


def _counts(item: ItemGrade) -> str:
    """What stands there as it counts, and what of it the student does not know."""
    if item.is_taken_back:
        return "Taken back, and still shown to the student: release to take it back there too"
    if item.grade is None or not (item.code or item.is_complete):
        return ""
    said = SAID[Code(item.code)] if item.code else item.grade.sentence
    return said + (", as you ruled" if item.is_ruled else "") + (", not released" if item.is_ready else "")


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


def _meanwhile(mark: Mark) -> str:
    percent = "took the mark back" if mark.points is None else f"entered {points_text(mark.points)} %"
    percent = f"entered “{mark.code}”" if mark.code else percent
    return f"{mark.marker.user} {percent} meanwhile. Save again to put your mark over it."
