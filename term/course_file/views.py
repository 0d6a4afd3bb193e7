"""Pages that make a course from a file, say what is left to decide, and publish it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from courses.access import enrolment_or_404, may_make_courses
from courses.course_file.reading import CourseFileError, write_course_file
from courses.models import Role
from courses.requests import Page, SignedInRequest
from courses.selectors import enrolments_of, rollover_of
from courses.services import publish_course
from gradebook.schemes.scheme import unbalanced
from gradebook.standings import selectors as books
from gradebook.standings.selectors import current_components
from term.course_file.dump import course_file_of
from term.course_file.forms import CourseCreateForm
from term.course_file.load import load_course
from term.setup.gaps import gaps_of
from term.setup.steps import steps_of


@login_required
def course_create(request: SignedInRequest) -> HttpResponse:
    """A new course from a blueprint or a file; who makes it is its lecturer."""
    if not may_make_courses(request.user, enrolments_of(request.user)):
        raise Http404("No such page")
    form = CourseCreateForm(request.POST, request.FILES) if request.method == "POST" else CourseCreateForm()
    if form.is_valid():
        made = form.cleaned_data
        facts = {key: made[key] for key in ("week_one", "slug", "term")}
        try:
            course = load_course(made["content"], **facts, lecturer=request.user)
        except CourseFileError as error:
            form.add_error(None, list(error.problems))
        else:
            messages.success(request, "The course is made. Students see it once you publish it.")
            return redirect("course-setup", course.slug)
    status = 422 if form.is_bound else 200
    return render(request, "term/course_create.html", {"form": form}, status=status)


@login_required
def course_setup(request: SignedInRequest, course: str) -> HttpResponse:
    """What the course is made of, what is left to decide, and the button that publishes it."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    book = books.gradebook(lecturer, [])
    page: Page = {"viewer": lecturer, "course": lecturer.course, "gaps": gaps_of(lecturer.course)}
    page |= {"columns": book.columns, "sentences": book.sentences, "steps": steps_of(lecturer.course)}
    page["rollover"] = rollover_of(lecturer.course)
    page["assignments"] = lecturer.course.assignments.outside_projects()
    return render(request, "term/course_setup.html", page)


@login_required
@require_POST
def course_publish(request: SignedInRequest, course: str) -> HttpResponse:
    """Show the course to its students, or hide it again."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    shown = "hide" not in request.POST
    if shown and (unbalanced_lines := unbalanced(current_components(lecturer.course))):
        messages.error(request, "Not published: " + " ".join(unbalanced_lines))
        return redirect("scheme-update", course)
    publish_course(course=lecturer.course, is_published=shown, by=lecturer)
    messages.success(request, "Published: its students see the course now." if shown else "Hidden: only staff see it.")
    return redirect("course-setup", course)


@login_required
def course_file(request: SignedInRequest, course: str) -> HttpResponse:
    """The course as a file, for next year or for a colleague."""
    lecturer = enrolment_or_404(request.user, course, at_least=Role.LECTURER)
    answer = HttpResponse(write_course_file(course_file_of(lecturer.course)), content_type="application/yaml")
    answer["Content-Disposition"] = f'attachment; filename="{course}.yaml"'
    return answer
