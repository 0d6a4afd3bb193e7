"""Pages of the gradebook: the table, one cell with its history, the columns of other systems, files."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from assignments.anonymity import is_masked
from courses.access import enrolment_or_404, student_or_404
from courses.downloads import attachment
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from gradebook.standings import selectors as books
from gradebook.standings.finals import finals_of, last_freeze
from gradebook.standings.selectors import Gradebook
from gradebook.table import selectors
from gradebook.table.exports import FILE_NAMES, NAMES, Unit, Wanted, export, table, unnamed
from gradebook.table.forms import RulingForm, ViewForm
from gradebook.table.headers import record_headers
from gradebook.table.workbook import as_workbook
from grading.selectors import queues
from grading.services.rulings import RulingRefused, rule

PAGE = 50


@login_required
def gradebook(request: SignedInRequest, course: str) -> HttpResponse:
    """Everyone's marks under the scheme's weights, for staff: a part of it, in an order."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    form = ViewForm(request.GET, course=staff.course, components=books.current_components(staff.course))
    wanted = form.wanted()
    page: Page = {"viewer": staff, "course": staff.course, "form": form}
    page |= selectors.page_of(staff, wanted, size=PAGE)
    page["query"] = form.query()
    return render(request, "gradebook/gradebook.html", page)


@login_required
def gradebook_summary(request: SignedInRequest, course: str) -> HttpResponse:
    """Each column's figures and the averages as a picture: all students in reach, so that it is asked for by itself."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    book = books.gradebook(staff, queues.current_students(staff))
    page: Page = {"viewer": staff, "course": staff.course, "book": book}
    page |= {"columns": selectors.figures_of(book), "averages": selectors.averages(book)}
    return render(request, "gradebook/gradebook_summary.html", page)


@login_required
def cell_detail(request: SignedInRequest, course: str, assignment: str, student: int) -> HttpResponse:
    """All that happened to one student's mark, and for the lecturer a decision about it."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    person = student_or_404(staff, student)
    found = selectors.column_or_404(staff.course, assignment)
    data = request.POST if request.method == "POST" else None
    if is_masked(staff, found):
        raise Http404("Marked without names")
    form = RulingForm(data) if staff.is_lecturer else None
    if form is not None and form.is_valid():
        try:
            rule(assignment=found, student=person, by=staff, **form.cleaned_data)
        except RulingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "Decided. Points are shown when the grade is released, a word at once.")
            return redirect("cell-detail", course, assignment, student)
    page: Page = {"viewer": staff, "course": staff.course, "student": person, "target": found, "form": form}
    page["events"] = selectors.history_of_cell(found, person)
    page["counting"] = selectors.counting_of(found, person)
    status = 422 if form is not None and form.errors else 200
    return render(request, "gradebook/cell_detail.html", page, status=status)


@login_required
def gradebook_export(request: SignedInRequest, course: str, kind: str) -> HttpResponse:
    """The same as a table for other programs."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    if kind not in NAMES:
        raise Http404("No such table")
    book = books.gradebook(staff, queues.current_students(staff))
    wanted = _wanted(request, staff, book, kind)
    return attachment(export(book, wanted), f"{course}-{kind}.{FILE_NAMES.get(kind, 'csv')}")


@login_required
def gradebook_downloads(request: SignedInRequest, course: str) -> HttpResponse:
    """The tables for other systems, in points or percent, and what each will make of the columns."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    book = books.gradebook(staff, [])
    page: Page = {"viewer": staff, "course": staff.course, "units": list(Unit)}
    page["rows"] = [(kind, unnamed(book, _wanted(request, staff, book, kind))) for kind in NAMES if kind != "registrar"]
    return render(request, "gradebook/gradebook_downloads.html", page)


def _wanted(request: SignedInRequest, staff: Enrolment, book: Gradebook, kind: str) -> Wanted:
    """`?as=percent` or `?as=points`; the registrar gets percent, the others points. Final grades for lecturers only."""
    usual = Unit.PERCENT if kind == "registrar" else Unit.POINTS
    unit = request.GET.get("as", usual)
    is_final = kind == "registrar" and staff.is_lecturer and last_freeze(staff.course) is not None
    finals = finals_of([row.student for row in book.rows]) if is_final else None
    return Wanted(kind, Unit(unit) if unit in set(Unit) else usual, selectors.headers_of(staff.course, kind), finals)


@login_required
def gradebook_workbook(request: SignedInRequest, course: str) -> HttpResponse:
    """The registrar's table as a workbook; another process writes it."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    book = books.gradebook(staff, queues.current_students(staff))
    rows = table(book, _wanted(request, staff, book, "registrar"))
    return attachment(as_workbook(rows), f"{course}-registrar.xlsx")


@login_required
def export_columns(request: SignedInRequest, course: str) -> HttpResponse:
    """How other systems call our columns, ids and all."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    columns = books.gradebook(lecturer, []).columns
    if request.method == "POST":
        count = record_headers(course=lecturer.course, columns=columns, sent=request.POST)
        messages.success(request, f"Saved: {count} column{'' if count == 1 else 's'} named as there.")
        return redirect("export-columns", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course}
    page["systems"] = [name for name in NAMES if name != "registrar"]
    page["rows"] = selectors.rows_of_headers(lecturer.course, columns, page["systems"])
    return render(request, "gradebook/export_columns.html", page)
