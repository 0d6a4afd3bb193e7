"""Choosing the scale, freezing final grades, changing one with a reason, showing them."""

import re

from django.db import transaction
from django.utils import timezone

from courses.digests import digest_of
from courses.history.services import FINAL, Change, record_changes
from courses.models import Course, Enrolment
from gradebook.final.selectors import Preview, preview_of, scale_of
from gradebook.models import FinalGrade, FinalScale, Freeze
from gradebook.policy.final import LONGEST_GRADE, Scale, scale_as_json
from gradebook.policy.final_words import scale_sentence
from gradebook.standings.finals import finals_of, last_freeze

REMARKS = re.compile(r", (?=(?:absent|deferred|exempt|below the minimum|below the pass line): )")
"""Between the parts of a remark."""


class FinalRefused(Exception):
    """It was not done; the message says why."""


@transaction.atomic
def choose_scale(*, by: Enrolment, scale: Scale) -> None:
    """From now on final grades are made by this scale; those that are frozen stay."""
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    was = scale_of(by.course)
    FinalScale.objects.update_or_create(course=by.course, defaults={"scale": scale_as_json(scale)})
    said = Change("Final grades", "Scale", scale_sentence(was), scale_sentence(scale))
    record_changes(by=by, topic=FINAL, changes=[said])


def seen_in(preview: Preview) -> str:
    """Changes with the scale and with every line: who freezes has seen exactly this."""
    lines = [[line.student.pk, str(line.total), line.grade, line.remark, line.moves] for line in preview.lines]
    return digest_of(scale_as_json(preview.scale), lines)


@transaction.atomic
def freeze_grades(*, by: Enrolment, reason: str, seen: str) -> int:
    """Make final grades of the totals as they stand; how many are new or other ones. What a person has set stays.

    Raises FinalRefused where it is not what was seen, or where grades that are frozen would change without a reason.
    """
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    preview = preview_of(by, scale_of(by.course))
    if not preview.lines:
        raise FinalRefused("There is nobody to grade.")
    if seen != seen_in(preview):
        raise FinalRefused("The grades are other ones by now: look at them again, then freeze.")
    if last_freeze(by.course) is not None and not reason.strip():
        raise FinalRefused("Grades were frozen before: say why they are made again.")
    moving = preview.moving
    if not moving:
        raise FinalRefused("Nothing has changed since the last freeze.")
    freeze = Freeze.objects.create(
        course=by.course, scale=scale_as_json(preview.scale), reason=reason.strip()[:500], frozen_by=by
    )
    FinalGrade.objects.bulk_create(
        FinalGrade(
            student=line.student, freeze=freeze, total=line.total, grade=line.grade, remark=line.remark, set_by=by
        )
        for line in moving
    )
    return len(moving)


@transaction.atomic
def change_final(*, student: Enrolment, by: Enrolment, grade: str, reason: str) -> FinalGrade:
    """Another final grade for one student. Raises FinalRefused before the freeze, or without a reason."""
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    stands = finals_of([student]).get(student.pk)
    if stands is None:
        raise FinalRefused("Final grades are not frozen yet: change the marks that they are made of.")
    if not reason.strip():
        raise FinalRefused("Give a reason: it stands in the history of this grade.")
    grade = grade.strip()
    if len(grade) > LONGEST_GRADE:
        raise FinalRefused(f"A grade has at most {LONGEST_GRADE} characters.")
    if grade == stands.grade:
        raise FinalRefused("This is the grade that stands.")
    remark = ", ".join(part for part in REMARKS.split(stands.remark) if not (grade and part.startswith("deferred: ")))
    return FinalGrade.objects.create(
        student=student, total=stands.total, grade=grade, remark=remark, reason=reason.strip()[:500], set_by=by
    )


@transaction.atomic
def show_finals(*, by: Enrolment, shown: bool) -> None:
    """Whether students read their final grade. Raises FinalRefused before there is one."""
    Course.objects.select_for_update(no_key=True).get(pk=by.course_id)
    if shown and last_freeze(by.course) is None:
        raise FinalRefused("Freeze the grades first.")
    rows = FinalScale.objects.filter(course=by.course)
    if not rows.exists():
        FinalScale.objects.create(course=by.course)
    changed = rows.filter(shown_at__isnull=shown).update(shown_at=timezone.now() if shown else None)
    if changed:
        said = Change("Final grades", "Shown to students", "no" if shown else "yes", "yes" if shown else "no")
        record_changes(by=by, topic=FINAL, changes=[said])
