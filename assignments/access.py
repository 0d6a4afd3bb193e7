"""The doors to assignments and submissions."""

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from assignments.kinds.registry import kind_of
from assignments.models import Assignment, Extension, ExtensionRequest, Submission
from assignments.more_time import extensions_in_reach, owners_in_reach, requests_in_reach
from assignments.owners import Owner, named_by
from assignments.selectors import marked_of
from courses.models import Enrolment, Role
from groups.members.selectors import group_of


def marked_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """What has marks in the viewer's course, an exam too; to students it does not exist before it opens."""
    found = marked_of(viewer.course).filter(slug=assignment).first()
    if found is None or not (viewer.is_staff or found.has_opened(timezone.now())):
        raise Http404("No such assignment")
    found.course = viewer.course
    return found


def assignment_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """The same where something is handed in."""
    found = marked_or_404(viewer, assignment)
    if not kind_of(found).is_handed_in:
        raise Http404("Nothing is handed in here")
    return found


def notebook_or_404(viewer: Enrolment, assignment: str) -> Assignment:
    """The same where a notebook is handed in: what runs, renders or compares notebooks has no other door."""
    found = assignment_or_404(viewer, assignment)
    if not kind_of(found).has_cells:
        raise Http404("No notebook is handed in here")
    return found


def notebook_submission_or_404(viewer: Enrolment, assignment: str, number: int, owner: str) -> Submission:
    """A handed-in notebook, behind the same door."""
    notebook_or_404(viewer, assignment)
    return submission_or_404(viewer, assignment, number, owner)


def own_or_none(student: Enrolment, assignment: Assignment) -> Owner | None:
    """For whom this student hands in: themselves, or the group that they are in. None: they are in none."""
    if assignment.group_set is None:
        return student
    group = group_of(assignment.group_set, student)
    if group is not None:
        group.group_set = assignment.group_set
    return group


def own_or_404(student: Enrolment, assignment: Assignment) -> Owner:
    """The same where there is one."""
    owner = own_or_none(student, assignment)
    if owner is None:
        raise Http404("You are in no group")
    return owner


def submission_or_404(
    viewer: Enrolment, assignment: str, number: int, owner: str, *, every_talk: bool = False
) -> Submission:
    """A submission that is the viewer's own, their group's or was for them, or that staff look after. Others get 404.

    `every_talk`: where marking is meant, a talk of any section too, which is marked by all who heard it.
    """
    target = marked_or_404(viewer, assignment)
    rows = Submission.objects.filter(named_by(owner), assignment=target, number=number)
    if viewer.is_staff:
        heard = Q(file=None, student=None) if every_talk and viewer.role >= Role.TA else Q()
        reached = heard | owners_in_reach(viewer, target)
        rows = rows.filter(reached) if not viewer.sees_all_sections else rows
    else:
        rows = rows.filter(of_person(viewer, target))
    related = ("file", "student__user", "student__course", "group__section", "handed_in_by__user")
    found = rows.select_related(*related).first()
    if found is None:
        raise Http404("No such submission")
    found.assignment = target
    return found


def work_or_404(viewer: Enrolment, assignment: str, number: int, owner: str, *, every_talk: bool = False) -> Submission:
    """The same of what was handed in or given: what a marker opens."""
    found = submission_or_404(viewer, assignment, number, owner, every_talk=every_talk)
    if not kind_of(found.assignment).is_handed_in:
        raise Http404("Its mark is entered")
    return found


def version_or_404(viewer: Enrolment, assignment: str, number: int, owner: str) -> Submission:
    """The same of what has a file."""
    found = submission_or_404(viewer, assignment, number, owner)
    if not found.has_file:
        raise Http404("It has no file")
    return found


def of_person(student: Enrolment, assignment: Assignment) -> Q:
    """What is a student's own; of groups what the group that they are in handed in, and what was handed in for them."""
    if assignment.group_set is None:
        return Q(student=student.pk)
    mine = Submission.members.through.objects.filter(enrolment=student.pk).values("submission")
    group = group_of(assignment.group_set, student)
    return Q(pk__in=mine) | Q(group=group) if group is not None else Q(pk__in=mine)


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
