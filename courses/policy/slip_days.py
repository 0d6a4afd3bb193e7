"""Slip days: a budget of days in the term that move a student's own due times. Source: the course's late rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from courses.policy.calendar import add_days
from courses.policy.lateness import SlipDays


@dataclass(frozen=True)
class Item:
    """One piece of work: its key, when it was due, and when what counts came in (None: nothing did)."""

    key: str
    due_at: datetime
    received_at: datetime | None


def spent_days(
    items: Sequence[Item], budget: SlipDays, *, zone: tzinfo, grace: timedelta = timedelta()
) -> dict[str, int]:
    """Item → days spent on it. In order of due times each late item takes what it needs, or what it may have.

    Days that would not make it on time are spent all the same: they still make it less late. A day is the same
    wall-clock time on the next calendar day in the course's zone.
    """
    left = budget.total
    spent: dict[str, int] = {}
    for item in sorted(items, key=lambda item: (item.due_at, item.key)):
        may = 0 if item.key in budget.not_on or item.received_at is None else min(left, budget.each)
        days = 0
        while days < may and item.received_at and item.received_at > add_days(item.due_at, days, zone) + grace:
            days += 1
        spent[item.key] = days
        left -= days
    return spent
