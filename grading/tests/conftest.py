"""What tests of marking share."""

from decimal import Decimal

import pytest

from grading.models import Rubric
from grading.services.rubrics import add_item, set_start


@pytest.fixture
def rubric(world):
    """From 3 points downwards: no reason −2, not clear −1."""
    for text, points in (("No reason given", -2), ("Not clear", -1)):
        add_item(assignment=world.assignment, grade_id="analysis", text=text, points=Decimal(points))
    rubric = Rubric.objects.get()
    set_start(rubric=rubric, starts_full=True, by=world.ta)
    return Rubric.objects.get()
