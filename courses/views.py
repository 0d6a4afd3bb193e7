"""Pages about people and courses."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from courses import selectors
from courses.access import enrolment_or_404, material_or_404, may_make_courses, person_or_404, roster_or_404
from courses.announcements import announcement_or_404, announcements_for, post_announcement
from courses.downloads import attachment
from courses.forms import AnnouncementForm, PersonForm, RosterForm
from courses.identities.services import last_merge
from courses.middleware import AS_STUDENT
from courses.models import Role
from courses.people import PersonRefused, add_person, change_person, come_back, leave_course
from courses.people_list import MailForm, MailRefused, PeopleForm, mail_people, page_of
from courses.requests import Page, SignedInRequest, keys_in
from courses.roster_imports import RosterRefused, apply_roster, last_roster, plan_of, receive_roster, undo_roster


@login_required
def course_list(request: SignedInRequest) -> HttpResponse:
    """The courses a person is in."""
    enrolments = list(selectors.enrolments_of(request.user))
    archived = [enrolment for enrolment in enrolments if enrolment.course.archived_at is not None]
    page: Page = {
        "enrolments": enrolments,
        "archived": archived,
        "may_make_courses": may_make_courses(request.user, enrolments),
    }
    return render(request, "courses/course_list.html", page)


@login_required
@require_POST
def student_view(request: SignedInRequest, course: str) -> HttpResponse:
    """Staff look at the course as its students do, until they come back."""
    if request.session.pop(AS_STUDENT, None) != course:
        enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
        request.session[AS_STUDENT] = course
    return redirect("course-detail", course)


@login_required
def announcement_list(request: SignedInRequest, course: str) -> HttpResponse:
    """What the staff told; for assistants and lecturers also telling something."""
    viewer = enrolment_or_404(request.user, course)
    may_tell = viewer.role >= Role.TA
    form = AnnouncementForm(_posted(request), author=viewer) if may_tell else None
    if request.method == "POST" and form is None:
        raise PermissionDenied
    if form is not None and form.is_valid():
        post_announcement(by=viewer, **form.cleaned_data)
        messages.success(request, "Posted.")
        return redirect("announcement-list", course)
    page: Page = {"viewer": viewer, "course": viewer.course, "form": form, "announcements": announcements_for(viewer)}
    return render(request, "courses/announcement_list.html", page, status=422 if form and form.errors else 200)


@login_required
@require_POST
def announcement_remove(request: SignedInRequest, course: str, announcement: int) -> HttpResponse:
    """Take an announcement off the pages; mails are gone already."""
    viewer = enrolment_or_404(request.user, course, at_least=Role.TA)
    announcement_or_404(viewer, announcement).delete()
    messages.success(request, "Removed from the pages. Mails that went out cannot be taken back.")
    return redirect("announcement-list", course)


@login_required
def material_file(request: SignedInRequest, course: str, material: int) -> HttpResponse:
    """Download a file among the materials; never shown as a page of ours."""
    viewer = enrolment_or_404(request.user, course)
    return attachment(*material_or_404(viewer, material))


@login_required
def people_list(request: SignedInRequest, course: str) -> HttpResponse:
    """Everyone in the course, for staff."""
    staff = enrolment_or_404(request.user, course, at_least=Role.STUDENT_ASSISTANT)
    form = PeopleForm(request.GET, course=staff.course)
    page: Page = {
        "viewer": staff,
        "course": staff.course,
        "form": form,
        "query": form.query(),
        "people": page_of(form.chosen(selectors.people_in_reach(staff)), request.GET.get("page")),
        "sections": selectors.sections_with_sizes(staff.course),
        "roster": last_roster(staff.course) if staff.is_lecturer else None,
        "merge": last_merge(staff.course) if staff.is_lecturer else None,
        "left": selectors.people_who_left(staff.course) if staff.is_lecturer else [],
    }
    return render(request, "courses/people_list.html", page)


@login_required
@require_POST
def people_mail(request: SignedInRequest, course: str) -> HttpResponse:
    """A mail to those who were ticked: first written, then sent."""
    staff = enrolment_or_404(request.user, course, at_least=Role.TA)
    chosen = keys_in(request.POST.getlist("person"))
    people = list(selectors.people_in_reach(staff).filter(pk__in=chosen))
    if not people:
        messages.error(request, "Tick whom you write to first.")
        return redirect("people-list", course)
    form = MailForm(request.POST if "send" in request.POST else None)
    if form.is_valid():
        try:
            count = mail_people(by=staff, people=people, **form.cleaned_data)
        except MailRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"Sent to {count}; a copy goes to you.")
            return redirect("people-list", course)
    page: Page = {"viewer": staff, "course": staff.course, "people": people, "form": form}
    page["without"] = [person for person in people if not person.user.email]
    return render(request, "courses/people_mail.html", page, status=422 if form.errors else 200)


@login_required
def person_create(request: SignedInRequest, course: str) -> HttpResponse:
    """Put one person into the course: an assistant, a colleague, a late student."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    form = PersonForm(_posted(request), course=lecturer.course)
    if form.is_valid():
        try:
            added = add_person(course=lecturer.course, by=lecturer, **form.cleaned_data)
        except PersonRefused as refused:
            form.add_error("mail", str(refused))
        else:
            messages.success(request, f"{added.user} is in the course. A new account is invited by mail.")
            return redirect("people-list", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form}
    return render(request, "courses/person_form.html", page, status=422 if form.is_bound else 200)


@login_required
def person_update(request: SignedInRequest, course: str, person: int) -> HttpResponse:
    """Another role or other sections; leaving the course and coming back."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    target = person_or_404(lecturer, person)
    form = PersonForm(_posted(request), course=lecturer.course, person=target)
    try:
        if "leave" in request.POST or "back" in request.POST:
            (leave_course if "leave" in request.POST else come_back)(enrolment=target, by=lecturer)
            return _told(
                request, course, f"{target.user} {'left' if 'leave' in request.POST else 'is back in'} the course."
            )
        if form.is_valid():
            change_person(enrolment=target, by=lecturer, **form.cleaned_data)
            return _told(request, course, f"Saved: {target.user}.")
    except PersonRefused as refused:
        form.add_error(None, str(refused))
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form, "person": target}
    return render(request, "courses/person_form.html", page, status=422 if form.is_bound else 200)


def _posted(request: SignedInRequest) -> QueryDict | None:
    """What was sent, even if it is nothing."""
    return request.POST if request.method == "POST" else None


def _told(request: SignedInRequest, course: str, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("people-list", course)


@login_required
def roster_create(request: SignedInRequest, course: str) -> HttpResponse:
    """Read a roster; what it would change is shown before anything changes."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            read = receive_roster(
                by=lecturer,
                content=form.cleaned_data["content"],
                name=file.name if file else "pasted text",
                digits=form.cleaned_data["digits"] or 0,
            )
        except RosterRefused as refused:
            form.add_error(None, refused.problems)
        else:
            return redirect("roster-detail", course, read.pk)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "form": form}
    return render(request, "courses/roster_create.html", page, status=422 if form.is_bound else 200)


@login_required
def roster_detail(request: SignedInRequest, course: str, roster: int) -> HttpResponse:
    """What applying the roster would change, and the button that does it."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    read = roster_or_404(lecturer, roster)
    problems: list[str] = []
    if request.method == "POST":
        try:
            apply_roster(roster=read, leave="leave" in request.POST, seen=request.POST.get("seen", "-"))
        except RosterRefused as refused:
            problems = refused.problems
        else:
            messages.success(request, "The roster is in. You can undo it on this page.")
            return redirect("people-list", course)
    page: Page = {"viewer": lecturer, "course": lecturer.course, "roster": read, "plan": plan_of(read)}
    page["problems"] = problems or page["plan"].problems
    return render(request, "courses/roster_detail.html", page, status=422 if problems else 200)


@login_required
@require_POST
def roster_undo(request: SignedInRequest, course: str, roster: int) -> HttpResponse:
    """Put back what the roster changed."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    try:
        undo_roster(roster=roster_or_404(lecturer, roster))
        messages.success(request, "The roster is undone.")
    except RosterRefused as refused:
        messages.error(request, str(refused))
    return redirect("people-list", course)
