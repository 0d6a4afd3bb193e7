"""Saving what members say, and making it count."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from assignments.models import Assignment
from courses.models import Course, Enrolment
from grading.models import ContributionFactor
from groups.models import Group
from projects.contributions.selectors import member_factors
from projects.models import Contribution, Project

MOST_POINTS = 10


class ContributionRefused(Exception):
    """It was not saved; the message says why."""


@transaction.atomic
def save_contribution(*, group: Group, student: Enrolment, statement: str, ratings: Mapping[int, int]) -> Contribution:
    """What a member says of the work of the others.

    Raises ContributionRefused for points or people that cannot be, and once the lecturer has closed the ratings.
    """
    if Project.objects.select_for_update(no_key=True).get(group_set=group.group_set_id).ratings_closed_at is not None:
        raise ContributionRefused("Your lecturer has closed the ratings. What you saved before counts.")
    others = set(group.memberships.filter(left_at=None).exclude(student=student).values_list("student", flat=True))
    if not set(ratings) <= others or any(not 0 <= points <= MOST_POINTS for points in ratings.values()):
        raise ContributionRefused(f"Give each of the others 0 to {MOST_POINTS} points.")
    made, _ = Contribution.objects.update_or_create(
        group=group, student=student,
        defaults={"statement": statement, "ratings": {str(key): points for key, points in ratings.items()}},
    )  # fmt: skip
    return made


@transaction.atomic
def close_ratings(*, project: Project, closed: bool) -> None:
    """Whether members may say anything more, or change what they said."""
    found = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if (found.ratings_closed_at is not None) != closed:
        found.ratings_closed_at = timezone.now() if closed else None
        found.save(update_fields=["ratings_closed_at"])


@transaction.atomic
def apply_factors(*, project: Project, stage: Assignment, by: Enrolment) -> int:
    """From now on members' marks of this stage carry these factors; how many of them changed. Shown at the next release.

    Raises ContributionRefused while members may still change what they said.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    if Project.objects.get(pk=project.pk).ratings_closed_at is None:
        raise ContributionRefused("Close the ratings first: until then members may change what they said.")
    rows = ContributionFactor.objects.filter(assignment=stage).order_by("pk")
    latest = {(row.group_id, row.student_id): row.factor for row in rows}
    new = [
        ContributionFactor(assignment=stage, group=group, student=row.student, factor=row.factor, set_by=by)
        for group, _, members in member_factors(project, stage)
        for row in members
        if latest.get((group.pk, row.student.pk), 1) != row.factor
    ]
    ContributionFactor.objects.bulk_create(new)
    return len(new)
