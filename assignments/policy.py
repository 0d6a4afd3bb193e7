"""Which version counts, and when one may be put back. Worked cases: `docs/grading-rules.md`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

RESTORE_WINDOW = timedelta(minutes=30)
CONFIRM_WINDOW = timedelta(minutes=30)


class Window(Enum):
    """Where an instant lies in an assignment's life."""

    NOT_YET = auto()
    OPEN = auto()
    CLOSED = auto()


def window(*, at: datetime, opens_at: datetime, closes_at: datetime | None) -> Window:
    """Late work is accepted until `closes_at`; None means it always is."""
    if at < opens_at:
        return Window.NOT_YET
    return Window.CLOSED if closes_at is not None and at > closes_at else Window.OPEN


@dataclass(frozen=True)
class HandedIn:
    """One accepted version."""

    number: int
    received_at: datetime
    sha256: str


@dataclass(frozen=True)
class PutBack:
    """An earlier version was made to count again."""

    number: int
    at: datetime


def counting_version(handed_in: Sequence[HandedIn], put_back: Sequence[PutBack] = ()) -> int | None:
    """`late_if_after_due`: the latest accepted version counts, with its own lateness.

    The same bytes again are no replacement. A version put back counts until the next one comes.
    """
    by_number = {version.number: version for version in handed_in}
    events = [(v.received_at, False, v.number) for v in handed_in] + [(p.at, True, p.number) for p in put_back]
    counting: HandedIn | None = None
    for _, restored, number in sorted(events):  # in the same second, putting back came after the upload it undoes
        version = by_number[number]
        if restored or counting is None or version.sha256 != counting.sha256:
            counting = version
    return counting.number if counting else None


def may_put_back(*, at: datetime, replaced_at: datetime, review_began: bool) -> bool:
    """A student may put the previous version back for 30 minutes, or until somebody began to review the new one."""
    return not review_began and at - replaced_at <= RESTORE_WINDOW


def still_confirmable(*, at: datetime, uploaded_at: datetime) -> bool:
    """A replacement that lowers the factor waits this long for the student's yes."""
    return at - uploaded_at <= CONFIRM_WINDOW
