"""A late rule as plain JSON: the form in which it is stored and written in course files. Numbers are text, never floats."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from courses.policy.lateness import Basis, LateRule, LateRuleError, Replacing, SlipDays, Steps, Tier, Unit
from courses.policy.when import DAYS


def rule_as_json(rule: LateRule) -> dict[str, Any]:
    """Only what is not the default, so that a rule reads as short as it is."""
    slip = rule.slip_days
    said = {
        "steps": _stepwise(rule.steps) if rule.steps else None,
        "tiers": [
            {**_span(tier.days, tier.minutes), "inclusive": tier.inclusive, "factor": _text(tier.factor)}
            for tier in rule.tiers
        ],
        "beyond": None if rule.steps else _text(rule.beyond),
        "grace_seconds": int(rule.grace.total_seconds()),
        "cut_off_days": rule.cut_off_days,
        "slip_days": _slip_json(slip) if slip else None,
        "basis": "" if rule.basis is Basis.EARNED else str(rule.basis),
        "free_days": [DAYS[day] for day in sorted(rule.free_days)],
        "replacing": "" if rule.replacing is Replacing.LATE else str(rule.replacing),
    }
    return {name: value for name, value in said.items() if value}


def _stepwise(steps: Steps) -> dict[str, Any]:
    return {
        "percent": _text(steps.percent),
        **_every(steps.days, steps.minutes),
        "floor": _text(steps.floor),
        **({"compound": True} if steps.compound else {}),
    }


def rule_from_json(stored: dict[str, Any]) -> LateRule:
    """Read what `rule_as_json` wrote; raises LateRuleError for anything else."""
    try:
        return LateRule(
            tuple(_tier(tier) for tier in stored.get("tiers", ())),
            Decimal(stored["beyond"]) if "steps" not in stored else LateRule.beyond,
            timedelta(seconds=int(stored.get("grace_seconds", 0))),
            Basis(stored.get("basis", Basis.EARNED)),
            _steps(stored["steps"]) if "steps" in stored else None,
            int(stored.get("cut_off_days", 0)),
            _slip_days(stored["slip_days"]) if "slip_days" in stored else None,
            Replacing(stored.get("replacing", Replacing.LATE)),
            tuple(DAYS.index(day) for day in stored.get("free_days", ())),
        )
    except LateRuleError:
        raise
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise LateRuleError(f"Not a late rule: {error!r}") from error


def _tier(stored: dict[str, Any]) -> Tier:
    inclusive, factor = bool(stored["inclusive"]), Decimal(stored["factor"])
    return Tier(int(stored.get("days", 0)), inclusive, factor, int(stored.get("minutes", 0)))


def _steps(stored: dict[str, Any]) -> Steps:
    days = int(stored.get("days", 0 if "minutes" in stored else 1))
    minutes, compound = int(stored.get("minutes", 0)), bool(stored.get("compound"))
    return Steps(Decimal(stored["percent"]), Decimal(stored.get("floor", "0")), days, minutes, compound)


def _slip_days(stored: dict[str, Any]) -> SlipDays:
    unit, for_groups = Unit(stored.get("unit", Unit.DAY)), bool(stored.get("for_groups"))
    return SlipDays(int(stored["total"]), int(stored["each"]), tuple(stored.get("not_on", ())), unit, for_groups)


def _slip_json(slip: SlipDays) -> dict[str, Any]:
    said: dict[str, Any] = {"total": slip.total, "each": slip.each, "not_on": list(slip.not_on)}
    said |= {"unit": str(slip.unit)} if slip.unit is not Unit.DAY else {}
    return said | ({"for_groups": True} if slip.for_groups else {})


def _span(days: int, minutes: int) -> dict[str, int]:
    return {**({"days": days} if days or not minutes else {}), **({"minutes": minutes} if minutes else {})}


def _every(days: int, minutes: int) -> dict[str, int]:
    return {} if (days, minutes) == (1, 0) else _span(days, minutes)


def _text(number: Decimal) -> str:
    return format(number.normalize(), "f")
