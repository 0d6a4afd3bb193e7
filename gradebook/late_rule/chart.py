"""The late rule as a picture: how much handing in counts, along the time around an example due time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from courses.policy.lateness import Step

WIDTH, HEIGHT = 400, 100
SHORTEST = timedelta(hours=1)


@dataclass(frozen=True)
class Bar:
    """One step: where it begins and how wide and tall it is, of WIDTH and HEIGHT."""

    left: int
    width: int
    tall: int
    factor: Decimal

    @property
    def top(self) -> int:
        return HEIGHT - self.tall


@dataclass(frozen=True)
class Chart:
    """The bars in order; `due`: where the due time stands; `probe`: where the probed one does, if it is in the picture."""

    bars: Sequence[Bar]
    due: int
    probe: int | None = None


def chart_of(steps: Sequence[Step], *, due_at: datetime, late_by: timedelta | None = None) -> Chart:
    """From a sixth before the due time to a third behind the last change. Never empty: one step is one bar."""
    ends = [step.until for step in steps if step.until is not None]
    span = max(max(ends, default=due_at) - due_at, SHORTEST)
    begin, end = due_at - span / 6, due_at + span + span / 3

    def place(instant: datetime) -> int:
        share = (min(max(instant, begin), end) - begin) / (end - begin)
        return round(share * WIDTH)

    bars, left = [], 0
    for step in steps:
        right = place(step.until) if step.until is not None else WIDTH
        bars.append(Bar(left, max(right - left, 1), int(step.factor * HEIGHT), step.factor))
        left = right
    probed = due_at + late_by if late_by is not None else None
    return Chart(bars, place(due_at), place(probed) if probed is not None and begin <= probed <= end else None)
