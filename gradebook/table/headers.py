"""Writing down how other systems call our columns."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from courses.models import Course
from courses.requests import clean_text
from gradebook.models import ExportHeader
from gradebook.standings.selectors import Column
from gradebook.table.exports import NAMES

LONGEST = 200


@transaction.atomic
def record_headers(*, course: Course, columns: Sequence[Column], sent: Mapping[str, str]) -> int:
    """Fields `<system>-<assignment pk>`; an empty one takes the heading back. How many columns are named now."""
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    for system in NAMES:
        for column in columns:
            target = column.assignment_pk
            named = ExportHeader.objects.filter(course=course, system=system, assignment=target)
            header = " ".join(clean_text(sent.get(f"{system}-{target}", "")).split())[:LONGEST]
            if header and not named.update(header=header):
                ExportHeader.objects.create(course=course, system=system, assignment_id=target, header=header)
            elif not header and f"{system}-{target}" in sent:
                named.delete()
    return ExportHeader.objects.filter(course=course).count()
