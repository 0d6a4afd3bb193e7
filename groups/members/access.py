"""The doors to groups."""

from django.http import Http404

from courses.models import Enrolment
from groups.members.selectors import group_of, groups_in_reach_of
from groups.models import Group, GroupSet


def group_set_or_404(viewer: Enrolment, slug: str) -> GroupSet:
    """One of the ways in which the viewer's course is divided into groups."""
    found = GroupSet.objects.filter(course=viewer.course_id, slug=slug).first()
    if found is None:
        raise Http404("No such groups")
    found.course = viewer.course
    return found


def group_or_404(viewer: Enrolment, group_set: GroupSet, group: int) -> Group:
    """For students their own group, for staff those in reach, also dissolved ones."""
    if viewer.is_staff:
        found = groups_in_reach_of(viewer, group_set).filter(pk=group).select_related("section").first()
    else:
        found = group_of(group_set, viewer)
        found = found if found is not None and found.pk == group else None
    if found is None:
        raise Http404("No such group")
    found.group_set = group_set
    return found
