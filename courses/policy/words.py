"""Rules and figures as people read them."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction

from courses.policy.lateness import Basis, LateRule, Replacing, SlipDays, Steps, Tier, Unit
from courses.policy.rounding import rounded
from courses.policy.when import DAYS

CENT = Decimal("0.01")
DAY_NAMES = [f"{day.title()}s" for day in DAYS]


def spoken_duration(span: timedelta) -> str:
    """`2 h 14 min`, `3 days 1 h`, `45 s`: the two largest units, nothing rounded up."""
    seconds = int(abs(span).total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((i for i, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count or first == 3) or "0 s"  # noqa: PLR2004


def spoken_instant(instant: datetime, zone: tzinfo) -> str:
    """`Sun 25 Oct 2026, 23:59`, on the course's clock."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def points_text(points: Decimal | Fraction) -> str:
    """Two decimals at most, half up, no trailing zeros: the one rounding, at the very end."""
    text = format(rounded(points, CENT).normalize(), "f")
    return "0" if text in ("-0", "0") else text


def factor_text(factor: Decimal) -> str:
    """`×0.9`; one keeps its decimal so that columns of factors read alike."""
    text = format(factor.normalize(), "f")
    return f"×{text if '.' in text else text + '.0'}"


def rule_sentence(rule: LateRule) -> str:
    """The late rule as students read it."""
    said = [_discount(rule)]
    if rule.grace:
        said.append(f"The first {spoken_duration(rule.grace)} after the due time are free.")
    if rule.basis is Basis.POSSIBLE:
        said.append("What is lost is a share of the full mark.")
    if rule.basis is Basis.CAP:
        said.append("The factor caps the mark: late work can earn at most that share of the full mark.")
    if rule.cut_off_days and rule.steps:
        said.append(f"More than {_days(rule.cut_off_days)} late counts nothing.")
    said += _free_of_charge(rule)
    if rule.replacing is Replacing.LOCKED:
        said.append("Work that was on time cannot be replaced after the due time.")
    if rule.replacing is Replacing.LATEST:
        said.append("A replacement is as late as the first version was, and no later.")
    return " ".join(said)


def _discount(rule: LateRule) -> str:
    if not rule.discounts:
        return "Late work is accepted and labelled late; nothing is deducted."
    if rule.steps:
        return _stepwise(rule.steps)
    parts = [
        f"{factor_text(t.factor)} up to {spoken_duration(t.length)} late" + ("" if t.inclusive else " (not included)")
        for t in rule.ladder
    ]
    last = "nothing" if rule.last == 0 else factor_text(rule.last)
    return f"Late work counts {', '.join(parts)}, and {last} after that." if parts else f"Late work counts {last}."


def _stepwise(steps: Steps) -> str:
    every = (
        "day"
        if (steps.days, steps.minutes) == (1, 0)
        else spoken_duration(Tier(steps.days, True, CENT, steps.minutes).length)
    )
    every = {"1 h": "hour"}.get(every, every)
    if steps.compound:
        costs = f"counts {factor_text(1 - steps.percent / 100)} again for every started {every}"
    else:
        costs = f"loses {points_text(steps.percent)} % for every started {every}"
    return f"Late work {costs}" + (
        f", never below {factor_text(steps.floor)}." if steps.floor else ", down to nothing."
    )


def _free_of_charge(rule: LateRule) -> list[str]:
    said = []
    if rule.free_days:
        days = _listed([DAY_NAMES[day] for day in sorted(rule.free_days)])
        said.append(f"{days} do not count: no work becomes later.")
    if rule.slip_days:
        said.append(_slip_days(rule.slip_days))
    return said


def _slip_days(slip: SlipDays) -> str:
    total, each = (
        f"{count} hour{'' if count == 1 else 's'}" if slip.unit is Unit.HOUR else _days(count)
        for count in (slip.total, slip.each)
    )
    whose = ", and each group has as many of its own for what it hands in" if slip.for_groups else ""
    return f"{total.capitalize()} in the term are free, at most {each} on one item, spent as work comes late{whose}."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
