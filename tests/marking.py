"""Marking in tests: ticking a rubric as the desk sends it, and confirming what was shown."""

import re

from grading.models import Mark, Rubric, RubricItem
from grading.selectors.rubrics import fingerprint
from tests.pages import NUMBERS, address_of, text_of

RUBRIC = NUMBERS + "rubric/?cell=analysis"


def ticked(client, submission, *texts, **fields):
    """Open the desk, tick these items, save."""
    items = [item.pk for item in RubricItem.objects.filter(text__in=texts)]
    rubric = Rubric.objects.filter(grade_id="analysis").first()
    seen = max([mark.pk for mark in Mark.objects.filter(submission=submission)], default=0)
    form = {
        "seen": seen,
        "ticks-analysis": items,
        "comment-analysis": "",
        "rubric-analysis": fingerprint(rubric),
        **fields,
    }
    return client.post(address_of(submission, "review/"), form)


def seen_in(answer):
    return re.search(r'name="seen" value="(\w+)"', text_of(answer))[1]
