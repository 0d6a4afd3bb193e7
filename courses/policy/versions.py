"""Which version counts, and when one may be put back. Worked cases: `docs/grading-rules.md`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

RESTORE_WINDOW = timedelta(minutes=30)
CONFIRM_WINDOW = timedelta(minutes=30)


class Window(Enum):
    """Where an instant lies in the life of what is handed in."""

    NOT_YET = auto()
    OPEN = auto()
    CLOSED = auto()


def effective_close(*, closes_at: datetime | None, due_at: datetime) -> datetime | None:
    """When work is no longer taken: never before the student's own due time; None means never."""
    return None if closes_at is None else max(closes_at, due_at)


def window(*, at: datetime, opens_at: datetime | None, closes_at: datetime | None) -> Window:
    """Late work is accepted until `closes_at`; None means it always is."""
    if opens_at is not None and at < opens_at:
        return Window.NOT_YET
    return Window.CLOSED if closes_at is not None and at > closes_at else Window.OPEN


@dataclass(frozen=True)
class HandedIn:
    """One version, and when it was accepted: for a confirmed replacement that is the student's yes."""

    number: int
    accepted_at: datetime
    sha256: str


@dataclass(frozen=True)
class PutBack:
    """An earlier version was made to count again."""

    number: int
    at: datetime


@dataclass(frozen=True)
class Turn:
    """From `at` on this version counted."""

    number: int
    at: datetime


def turns(handed_in: Sequence[HandedIn], put_back: Sequence[PutBack] = ()) -> list[Turn]:
    """Which version counted from when, in order; the last one counts now.

    `late_if_after_due`: the latest accepted version counts, with its own lateness. The same bytes again are no
    replacement. A version put back counts until the next one comes.
    """
    by_number = {version.number: version for version in handed_in}
    events = [(v.accepted_at, False, v.number) for v in handed_in] + [(p.at, True, p.number) for p in put_back]
    made: list[Turn] = []
    for at, restored, number in sorted(events):  # in the same second, putting back came after the upload it undoes
        same_bytes = bool(made) and by_number[number].sha256 == by_number[made[-1].number].sha256
        if not made or (made[-1].number != number and (restored or not same_bytes)):
            made.append(Turn(number, at))
    return made


def may_put_back(made: Sequence[Turn], *, number: int, at: datetime, review_began: bool) -> bool:
    """A student may undo the last turn: within 30 minutes, until somebody began to review what counts now."""
    if len(made) < 2 or review_began:  # noqa: PLR2004  one turn has nothing before it
        return False
    return made[-2].number == number and at - made[-1].at <= RESTORE_WINDOW


def still_confirmable(*, at: datetime, uploaded_at: datetime) -> bool:
    """A replacement that lowers the factor waits this long for the student's yes."""
    return at - uploaded_at <= CONFIRM_WINDOW
