"""Confirming who gives a talk, withdrawing, freezing, planning, and the day itself."""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from assignments.extensions import grant_extension
from assignments.models import Submission
from assignments.services import record_talk
from courses.models import Enrolment, Section
from grading.services.reviews import refresh_reviews
from groups.members.services import tell_group
from groups.models import Group
from projects.models import Attendance, Project, Talk, TalkList
from projects.policy.talks import Selection, select
from projects.selectors import last_stage
from projects.talks.selectors import standing_marks, talks_of_list

TIME_FOR_A_POSTER = timedelta(days=7)
RANDOM, BY_TOPIC, BY_RANK = "random", "topic", "rank"


class TalksRefused(Exception):
    """It cannot be done like this; the message says why and what to do."""


@transaction.atomic
def confirm_talks(
    *,
    project: Project,
    section: Section | None,
    marks: Mapping[int, Decimal],
    picked: Collection[int],
    by: Enrolment,
    reason: str = "",
) -> TalkList:
    """The lecturer says that these talk: the best of `marks` (group pk → raw mark), `picked` among equals at the cut.

    Raises TalksRefused while equals stand across the cut, or where a list stands already.
    """
    Project.objects.select_for_update(no_key=True, of=("self",)).get(pk=project.pk)
    if TalkList.objects.filter(project=project, section=section, dissolved_at=None).exists():
        raise TalksRefused("The talks are confirmed already.")
    found = select(marks, _places(project), picked=picked)
    if not found.is_final:
        raise TalksRefused(_tied(found))
    if found.used_picks(picked) and not reason:
        raise TalksRefused("You chose among equals: say why, so that the others can be told.")
    ordered = sorted(marks, key=lambda key: marks[key], reverse=True)
    made = TalkList.objects.create(
        project=project, section=section, ranking=[[key, str(marks[key])] for key in ordered],
        picked=sorted(picked), reason=reason, confirmed_by=by,
    )  # fmt: skip
    Talk.objects.bulk_create(Talk(talk_list=made, group_id=key) for key in found.chosen)
    for group in Group.objects.filter(pk__in=marks):
        speaks = group.pk in found.chosen
        _tell(project, group, "Your group gives a talk." if speaks else _other_way(project))
    _offer_again(made)
    return made


@transaction.atomic
def dissolve_talks(*, talk_list: TalkList) -> None:
    """Take the confirmation back. Raises TalksRefused once it is frozen or a talk was held."""
    found = TalkList.objects.select_for_update(no_key=True, of=("self",)).get(pk=talk_list.pk)
    if found.frozen_at is not None or found.talks.filter(began_at__isnull=False).exists():
        raise TalksRefused("The list is frozen, or talks were held: it stays.")
    TalkList.objects.filter(pk=found.pk).update(dissolved_at=timezone.now())
    _offer_again(found)


@transaction.atomic
def withdraw_talk(
    *, talk: Talk, by: Enrolment, reason: str, instead: int | None = None, due_at: datetime | None = None
) -> Talk | None:
    """A group gives no talk; the next one takes its place until the list is frozen. Who does, or None.

    `instead`: pk of whom the lecturer chose where the next ones are equal. Raises TalksRefused while that is open.
    `due_at`: until when the group hands in instead; else it has a week at least.
    """
    talk_list = TalkList.objects.select_for_update(no_key=True, of=("self",)).get(pk=talk.talk_list_id)
    if not reason.strip():
        raise TalksRefused("Say why: the group reads it.")
    if talk.withdrawn_at is not None:
        raise TalksRefused("It was withdrawn before.")
    Talk.objects.filter(pk=talk.pk).update(
        withdrawn_at=timezone.now(), withdrawn_because=reason.strip()[:500], starts_at=None
    )
    project = talk_list.project
    _tell(project, talk.group, f"Your group gives no talk. {reason.strip()} {_other_way(project)}")
    _hands_in_instead(project, talk.group, by, due_at)
    frozen = talk_list.frozen_at is not None
    taken = None if frozen else _take_the_place(talk_list, project, talk.starts_at, instead)
    _offer_again(talk_list)
    return taken


def _hands_in_instead(project: Project, group: Group, by: Enrolment, due_at: datetime | None) -> None:
    """The time for it, where the stage's own is too near or past; the group is told."""
    stage = last_stage(project)
    if stage is None or stage.due_at is None:
        return
    until = due_at or (timezone.now() + TIME_FOR_A_POSTER).replace(second=59, microsecond=0)
    if until > stage.due_at:
        grant_extension(assignment=stage, by=by, due_at=until, reason="Your group gives no talk.", group=group)


def _take_the_place(
    talk_list: TalkList, project: Project, starts_at: datetime | None, instead: int | None
) -> Talk | None:
    rows = list(Talk.objects.filter(talk_list=talk_list))
    withdrawn = {row.group_id for row in rows if row.withdrawn_at is not None}
    standing = {row.group_id for row in rows} - withdrawn
    picked = {*talk_list.picked, *standing, *([instead] if instead else [])}
    found = select(standing_marks(talk_list), _places(project), picked=picked, withdrawn=withdrawn)
    if not found.is_final:
        raise TalksRefused(_tied(found))
    new = [key for key in found.chosen if key not in standing]
    if not new:
        return None
    if instead:
        TalkList.objects.filter(pk=talk_list.pk).update(picked=sorted({*talk_list.picked, instead}))
    taken = Talk.objects.create(talk_list=talk_list, group_id=new[0], starts_at=starts_at)
    _tell(project, taken.group, "A place became free: your group gives a talk.")
    return taken


@transaction.atomic
def freeze_talks(*, talk_list: TalkList) -> None:
    """From now on nobody moves up."""
    TalkList.objects.filter(pk=talk_list.pk, frozen_at=None, dissolved_at=None).update(frozen_at=timezone.now())


@transaction.atomic
def plan_talks(
    *, talk_list: TalkList, starts_at: datetime, order: str, seed: int, pause: int = 0, place: str = ""
) -> list[Talk]:
    """One after the other from this moment on, each as long as the project says, `pause` minutes between.

    `order`: at random (the same seed gives the same order), by topic, or best report last.
    """
    TalkList.objects.select_for_update(no_key=True, of=("self",)).get(pk=talk_list.pk)
    rows = _ordered(talks_of_list(talk_list), order, seed, talk_list)
    step = timedelta(minutes=int(talk_list.project.talks["minutes"]) + pause)
    for number, talk in enumerate(rows):
        talk.starts_at, talk.place = starts_at + number * step, place
    Talk.objects.bulk_update(rows, ["starts_at", "place"])
    return rows


def _ordered(rows: Sequence[Talk], order: str, seed: int, talk_list: TalkList) -> list[Talk]:
    if order == BY_TOPIC:
        return sorted(rows, key=lambda talk: (talk.topic_title.casefold(), talk.group.name))  # type: ignore[attr-defined]
    if order == BY_RANK:
        places = [key for key, _ in talk_list.ranking]
        return sorted(rows, key=lambda talk: places.index(talk.group_id), reverse=True)
    shuffled = sorted(rows, key=lambda talk: talk.group_id)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  an order, not a secret
    return shuffled


@transaction.atomic
def begin_talk(*, talk: Talk, at: datetime) -> None:
    """The clock runs for this talk; the one before it has ended."""
    others = Talk.objects.filter(talk_list__project=talk.talk_list.project_id, began_at__isnull=False, ended_at=None)
    others.exclude(pk=talk.pk).update(ended_at=at)
    Talk.objects.filter(pk=talk.pk).update(began_at=at, ended_at=None)


@transaction.atomic
def end_talk(*, talk: Talk, at: datetime) -> None:
    """The clock stops."""
    Talk.objects.filter(pk=talk.pk, began_at__isnull=False, ended_at=None).update(ended_at=at)


def open_sheet(*, talk: Talk, by: Enrolment, at: datetime) -> Submission:
    """What this marker's sheet hangs on, made when the first one opens theirs. Raises TalksRefused without a stage for it."""
    stage = last_stage(talk.talk_list.project)
    if stage is None:
        raise TalksRefused("The project has no stage for talks any more.")
    return record_talk(assignment=stage, group=talk.group, by=by, at=at)


@transaction.atomic
def note_attendance(*, talk: Talk, was_there: Mapping[Enrolment, bool], by: Enrolment) -> None:
    """Who of the group was there."""
    for student, there in was_there.items():
        Attendance.objects.update_or_create(talk=talk, student=student, defaults={"was_there": there, "noted_by": by})


def _offer_again(talk_list: TalkList) -> None:
    """Other groups talk than before: the desk offers what those who do not have handed in, and no slides of those who do."""
    stage = last_stage(talk_list.project)
    if stage is not None:
        ranked = Group.objects.filter(pk__in=[key for key, _ in talk_list.ranking])
        refresh_reviews(stage, list(ranked))


def _places(project: Project) -> int:
    return int(project.talks["groups"])


def _other_way(project: Project) -> str:
    return f"Your group makes a {project.talks['others']}."


def _tied(found: Selection[int]) -> str:
    names = ", ".join(Group.objects.filter(pk__in=found.tied).order_by("name").values_list("name", flat=True))
    places = "1 place is" if found.seats == 1 else f"{found.seats} places are"
    return f"These have the same mark, and {places} left: {names}. Choose who talks."


def _tell(project: Project, group: Group, text: str) -> None:
    tell_group(group, f"{project.title}: {text.partition('.')[0]}", f"{text}\n\n{project.course}\n")
