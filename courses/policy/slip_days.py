"""Slip days: a budget of days in the term that move a student's own due times. Source: the course's late rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from courses.policy.lateness import LateRule, lateness

NEVER = datetime.max.replace(tzinfo=UTC)
"""When what was not handed in came in: it takes nothing, and sees what the rest has left."""


@dataclass(frozen=True)
class Item:
    """One piece of work: its key, when it was due, and when what counts came in (None: nothing did)."""

    key: str
    due_at: datetime
    received_at: datetime | None


@dataclass(frozen=True)
class Spending:
    """Days spent on one item, and how many may be."""

    days: int
    may: int


def spendings(items: Sequence[Item], rule: LateRule, *, zone: tzinfo) -> dict[str, Spending]:
    """Item → what is spent on it. In the order in which work came in each late item takes what it needs, or what it may
    have: so handing in never takes days from other work that is there already.

    Days that would not make it on time are spent all the same: they still make it less late. A day is the same
    wall-clock time on the next day that counts, in the course's zone; a rule may count hours instead.
    """
    budget = rule.slip_days
    left = budget.total if budget else 0
    found: dict[str, Spending] = {}
    for item in sorted(items, key=lambda item: (item.received_at or NEVER, item.due_at, item.key)):
        may = 0 if budget is None or item.key in budget.not_on else min(left, budget.each)
        days = 0
        if item.received_at is not None:
            days = days_needed(received_at=item.received_at, due_at=item.due_at, may=may, rule=rule, zone=zone)
        found[item.key] = Spending(days, may)
        left -= days
    return found


def days_needed(*, received_at: datetime, due_at: datetime, may: int, rule: LateRule, zone: tzinfo) -> int:
    """How many days, or hours, work that came in then takes, at most `may`."""
    days = 0
    while days < may:
        moved = rule.moved(due_at, days, zone)
        if lateness(received_at=received_at, due_at=moved, rule=rule, zone=zone) <= timedelta():
            break
        days += 1
    return days
