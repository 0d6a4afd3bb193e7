"""The doors to assignments and submissions."""

from django.http import Http404
from django.utils import timezone

from assignments.models import Assignment, Extension, ExtensionRequest, Kind, Submission
from assignments.owners import Owner
from assignments.selectors import assignments_of, extensions_in_reach, requests_in_reach
from courses.access import students_in_reach
from courses.models import Enrolment
from groups.members.selectors import group_of


def assignment_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """An assignment of the viewer's course; to students it does not exist before it opens."""
    found = assignments_of(viewer.course).filter(slug=assignment).first()
    if found is None or not (viewer.is_staff or found.has_opened(timezone.now())):
        raise Http404("No such assignment")
    found.course = viewer.course
    return found


def work_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """The same of any kind that is handed in, by students or by groups."""
    handed_in = Assignment.objects.filter(course=viewer.course_id, slug=assignment).exclude(kind=Kind.ENTERED)
    found = handed_in.select_related("group_set").first()
    if found is None or not (viewer.is_staff or found.has_opened(timezone.now())):
        raise Http404("No such assignment")
    found.course = viewer.course
    return found


def own_or_404(student: Enrolment, assignment: Assignment) -> Owner:
    """For whom this student hands in: themselves, or the group that they are in."""
    if assignment.group_set is None:
        return student
    group = group_of(assignment.group_set, student)
    if group is None:
        raise Http404("You are in no group")
    group.group_set = assignment.group_set
    return group


def submission_or_404(viewer: Enrolment, assignment: str, number: int, student: int) -> Submission:
    """A submission its owner, or staff with that student in reach, may open. Classmates get 404."""
    target = assignment_or_404(viewer, assignment)
    submissions = Submission.objects.filter(assignment=target, student=student, number=number)
    if not viewer.is_staff:
        submissions = submissions.filter(student=viewer.pk)
    elif not viewer.sees_all_sections:
        submissions = submissions.filter(student__in=students_in_reach(viewer))
    found = submissions.select_related("file", "student__user", "student__course").first()
    if found is None:
        raise Http404("No such submission")
    found.assignment = target
    return found


def extension_or_404(staff: Enrolment, assignment: Assignment, extension: int) -> Extension:
    """An extension of this person's students and sections, withdrawn or not."""
    found = extensions_in_reach(staff, assignment).filter(pk=extension).first()
    if found is None:
        raise Http404("No such extension")
    return found


def request_or_404(staff: Enrolment, assignment: Assignment, request: int) -> ExtensionRequest:
    """A request of this person's students that nobody has decided."""
    found = requests_in_reach(staff, assignment).filter(pk=request).first()
    if found is None:
        raise Http404("No such request, or it was decided")
    return found
