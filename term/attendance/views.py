"""Pages of attendance: the meetings, one of them on a phone, a student's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assignments.selectors import marked_of
from courses.access import enrolment_or_404
from courses.models import Enrolment, Role
from courses.requests import Page, SignedInRequest
from term.attendance import selectors, services
from term.attendance.forms import MeetingForm
from term.models import Meeting, Presence

STATES = set(Presence.State.values)


@login_required
def attendance_list(request: SignedInRequest, course: str) -> HttpResponse:
    """For staff the meetings and a new one; for students the code and their own record."""
    viewer = enrolment_or_404(request.user, course)
    if not viewer.is_staff:
        return _own(request, viewer)
    items = marked_of(viewer.course).entered()
    today = timezone.now().astimezone(viewer.course.zone).date()
    initial = {"held_on": today, "title": f"{today:%A}, {today.day} {today:%B}"}
    form = MeetingForm(request.POST if "make" in request.POST else None, items=items, initial=initial)
    if form.is_valid():
        made = services.make_meeting(by=viewer, **form.cleaned_data)
        return redirect("attendance-detail", course, made.pk)
    if "count" in request.POST:
        return _count(request, viewer)
    page: Page = {"viewer": viewer, "course": viewer.course, "form": form}
    page |= {"meetings": selectors.meetings_of(viewer.course), "items": items}
    return render(request, "term/attendance_list.html", page, status=422 if form.errors else 200)


def _count(request: SignedInRequest, viewer: Enrolment) -> HttpResponse:
    """Enter marks from the meetings of one item."""
    if not viewer.is_lecturer:
        raise PermissionDenied
    item = marked_of(viewer.course).entered().filter(slug=request.POST.get("count")).first()
    if item is None:
        raise Http404("No such item")
    try:
        count = services.enter_attendance(item=item, by=viewer)
        messages.success(request, f"{count} mark{'' if count == 1 else 's'} entered. Release them under Enter marks.")
    except services.AttendanceRefused as refused:
        messages.error(request, str(refused))
    return redirect("attendance-list", viewer.course.slug)


def _own(request: SignedInRequest, student: Enrolment) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        try:
            meeting = services.enter_code(student=student, typed=request.POST.get("code", "")[:40], now=now)
            messages.success(request, f"You are noted as present at {meeting}.")
        except services.AttendanceRefused as refused:
            messages.error(request, str(refused))
        return redirect("attendance-list", student.course.slug)
    page: Page = {"viewer": student, "course": student.course, "record": selectors.own_record(student)}
    page["is_open"] = selectors.has_open_code(student.course, now)
    return render(request, "term/attendance_own.html", page)


@login_required
def attendance_detail(request: SignedInRequest, course: str, meeting: int) -> HttpResponse:
    """Who was there: names to tap, and the code for the projector."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    found = selectors.meeting_or_none(staff.course, meeting)
    if found is None:
        raise Http404("No such meeting")
    roll = selectors.roll_of(found, staff)
    if request.method == "POST":
        return _taken(request, staff, found, [student for student, _ in roll])
    page: Page = {"viewer": staff, "course": staff.course, "meeting": found, "roll": roll, "now": timezone.now()}
    page["there"] = sum(state == Presence.State.PRESENT for _, state in roll)
    return render(request, "term/attendance_detail.html", page)


def _taken(request: SignedInRequest, staff: Enrolment, meeting: Meeting, students: list[Enrolment]) -> HttpResponse:
    if "open" in request.POST:
        services.open_code(meeting=meeting)
    elif "close" in request.POST:
        services.close_code(meeting=meeting)
    else:
        sent = {student: request.POST.get(f"state-{student.pk}", "") for student in students}
        states = {student: state for student, state in sent.items() if state in STATES}
        count = services.take_roll(meeting=meeting, by=staff, states=states)
        messages.success(request, f"Saved: {count} changed.")
    return redirect("attendance-detail", staff.course.slug, meeting.pk)
