"""The end of a course: putting it away, deleting an empty one, its archive as a file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from courses import storage
from courses.access import enrolment_or_404, students_in_reach
from courses.downloads import streamed
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest, keys_in
from term.archive import services
from term.archive.selectors import export_or_none, exports_of


@login_required
@require_POST
def course_archive(request: SignedInRequest, course: str) -> HttpResponse:
    """Read only and off the lists, or back."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    archived = "back" not in request.POST
    services.archive_course(by=lecturer, archived=archived)
    messages.success(request, "Archived: it can be read and not changed." if archived else "Taken out of the archive.")
    return redirect("export-list", course)


@login_required
@require_POST
def course_delete(request: SignedInRequest, course: str) -> HttpResponse:
    """Delete a course in which nothing was handed in."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    try:
        title = services.delete_course(by=lecturer, typed=request.POST.get("typed", "")[:60])
    except services.ArchiveRefused as refused:
        messages.error(request, str(refused))
        return redirect("export-list", course)
    messages.success(request, f"{title} is deleted.")
    return redirect("course-list")


@login_required
def export_list(request: SignedInRequest, course: str) -> HttpResponse:
    """The course as one archive, and of one person as one file."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    if request.method == "POST":
        services.ask_for_export(by=lecturer, student=_student(request, lecturer))
        messages.success(request, "It is being made: this page says when it is done.")
        return redirect("export-list", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "exports": exports_of(lecturer.course)}
    page["waits"] = any(export.state in ("queued", "running") for export in page["exports"])
    page["students"] = students_in_reach(lecturer).select_related("user").order_by("user__name", "pk")
    return render(request, "term/export_list.html", page)


def _student(request: SignedInRequest, lecturer: Enrolment) -> Enrolment | None:
    key = request.POST.get("student", "")
    if not key:
        return None
    found = students_in_reach(lecturer).filter(pk__in=keys_in([key])).first()
    if found is None:
        raise Http404("No such student")
    return found


@login_required
def export_file(request: SignedInRequest, course: str, export: int) -> FileResponse:
    """Download an archive that was made."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    found = export_or_none(lecturer.course, export)
    if found is None or found.file is None:
        raise Http404("No such archive")
    of = found.student.user.username if found.student else "whole"
    return streamed(storage.opened(found.file), f"{course}-{of}.zip")
