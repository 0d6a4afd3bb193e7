"""Reads of talks: lists, programme, and who speaks instead of handing in a poster."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import F, QuerySet

from assignments.models import Assignment
from courses.models import Course, Enrolment
from courses.requests import key_in
from groups.models import Group
from projects.models import Attendance, Project, Talk, TalkList


def talk_lists(project: Project) -> list[TalkList]:
    """What is confirmed: one list, or one for each section."""
    rows = TalkList.objects.filter(project=project, dissolved_at=None).select_related("section", "confirmed_by__user")
    found = list(rows)
    for row in found:
        row.project = project
    return found


def talks_of_list(talk_list: TalkList) -> list[Talk]:
    """The talks that are given, in order, each with its group's `topic_title`."""
    rows = list(_given().filter(talk_list=talk_list))
    for row in rows:
        row.topic_title = row.topic_title or ""  # type: ignore[attr-defined]
    return rows


def programme(course: Course) -> list[Talk]:
    """Every talk of a course that has a time, in order."""
    return list(_given().filter(talk_list__project__course=course, starts_at__isnull=False).order_by("starts_at", "pk"))


def speaking(project: Project) -> frozenset[int]:
    """Pks of the groups that give a talk."""
    rows = Talk.objects.filter(talk_list__project=project, talk_list__dissolved_at=None, withdrawn_at=None)
    return frozenset(rows.values_list("group", flat=True))


def talking_in(assignments: Sequence[Assignment]) -> dict[int, frozenset[int]]:
    """Assignment pk → pks of the groups that speak there instead of handing in: in the last stage of a project, no other."""
    sets = {assignment.group_set_id for assignment in assignments}
    talks = Talk.objects.filter(withdrawn_at=None, talk_list__dissolved_at=None, talk_list__project__group_set__in=sets)
    speakers: dict[int, set[int]] = {}
    for group_set, group in talks.values_list("talk_list__project__group_set", "group"):
        speakers.setdefault(group_set, set()).add(group)
    if not speakers:
        return {}
    stages = Assignment.objects.filter(group_set__in=speakers).stages()
    last = dict(stages.values_list("group_set", "pk"))  # in order: the last one stays
    return {last[group_set]: frozenset(groups) for group_set, groups in speakers.items() if group_set in last}


def standing_marks(talk_list: TalkList) -> dict[int, Decimal]:
    """Group pk → raw mark as it was when the list was confirmed, best first."""
    return {int(key): Decimal(mark) for key, mark in talk_list.ranking}


def current_talk(project: Project) -> Talk | None:
    """The talk whose clock runs."""
    return _given().filter(talk_list__project=project, began_at__isnull=False, ended_at=None).first()


def talk_or_none(project: Project, key: str) -> Talk | None:
    """A talk that is given. `key`: as it was sent."""
    number = key_in(key)
    found = _given().filter(talk_list__project=project, pk=number).first()
    if found is not None:
        found.talk_list.project = project
    return found


def attendance_of(talk: Talk, members: Sequence[Enrolment]) -> list[tuple[Enrolment, bool | None]]:
    """Each member with whether they were there; None: nobody noted it."""
    noted = dict(Attendance.objects.filter(talk=talk).values_list("student", "was_there"))
    return [(member, noted.get(member.pk)) for member in members]


def members_of(group: Group) -> list[tuple[int, str]]:
    """(enrolment pk, name) of who is in a group."""
    rows = group.memberships.filter(left_at=None).select_related("student__user").order_by("seat")
    return [(row.student_id, str(row.student.user)) for row in rows]


def _given() -> QuerySet[Talk]:
    rows = Talk.objects.filter(withdrawn_at=None, talk_list__dissolved_at=None)
    return rows.select_related("group", "talk_list__section", "talk_list__project").annotate(
        topic_title=F("group__topic__title")
    )
