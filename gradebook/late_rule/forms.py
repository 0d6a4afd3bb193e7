"""A late rule as a lecturer writes it: tiers or steps, and what may go with either."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms

from courses.policy.lateness import Basis, LateRule, LateRuleError, Replacing, SlipDays, Steps, Tier, Unit
from courses.policy.when import DAYS

TIERS = 5
NONE, BY_TIERS, BY_STEPS = "none", "tiers", "steps"
FORMS = [
    (NONE, "Nothing is deducted; late work is labelled"),
    (BY_TIERS, "Factors for how late it is"),
    (BY_STEPS, "So much for every started day or hour"),
]
UNITS = [(Unit.DAY, "days"), (Unit.HOUR, "hours")]
WEEKDAYS = [(number, day.title()) for number, day in enumerate(DAYS)]
EVERY = [("day", "day"), ("hour", "hour")]
BASES = [
    (Basis.EARNED, "multiplies what was earned"),
    (Basis.POSSIBLE, "takes a share of the full mark away"),
    (Basis.CAP, "caps the mark"),
]
REPLACING = [
    (Replacing.LATE, "makes the work late, even if an earlier version was not"),
    (Replacing.LOCKED, "is not possible once a version was on time"),
    (Replacing.LATEST, "is as late as the first version was"),
]


def _factor(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=1, max_digits=5, decimal_places=4, required=False, **options
    )


def _count(label: str, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=10_000, required=False, **options)


class LateRuleForm(forms.Form):
    """`rule` is what was written, once the form is valid."""

    form = forms.ChoiceField(label="Late work", choices=FORMS, widget=forms.RadioSelect)
    beyond = _factor("Later than all of these", help_text="0 to 1, for example 0.5")
    percent = forms.DecimalField(label="Percent", min_value=0, max_value=100, required=False)
    every = forms.ChoiceField(label="For every started", choices=EVERY, required=False)
    floor = _factor("Never below", help_text="0 to 1; empty: down to nothing")
    compound = forms.BooleanField(label="Of what the step before left", required=False)
    grace_minutes = _count("Grace, in minutes", help_text="Every boundary moves by it.")
    cut_off_days = _count("Nothing counts after so many days", help_text="Empty: late work always counts.")
    basis = forms.ChoiceField(label="The factor", choices=BASES, required=False)
    replacing = forms.ChoiceField(label="Replacing after the due time", choices=REPLACING, required=False)
    slip_total = _count("Slip days in the term", help_text="Empty: none.")
    slip_each = _count("At most on one item")
    slip_unit = forms.ChoiceField(label="Slip days are", choices=UNITS, required=False)
    slip_groups = forms.BooleanField(label="Each group has as many of its own", required=False)
    free_days = forms.TypedMultipleChoiceField(
        label="Days that do not count",
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="On them no work becomes later.",
    )
    reason = forms.CharField(label="Reason", max_length=500, required=False)
    rule: LateRule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(TIERS):
            self.fields[f"days_{place}"] = _count("Up to days late")
            self.fields[f"factor_{place}"] = _factor("Factor")
            self.fields[f"inclusive_{place}"] = forms.BooleanField(label="The last second included", required=False)

    @property
    def tier_fields(self) -> list[tuple[Any, Any, Any]]:
        """Bound fields of each tier, for the page."""
        return [(self[f"days_{n}"], self[f"factor_{n}"], self[f"inclusive_{n}"]) for n in range(TIERS)]

    def clean(self) -> dict[str, Any]:
        """The rule that was meant; a rule that cannot be meant is said in its own words."""
        found = super().clean() or self.cleaned_data
        if self.errors:
            return found
        try:
            self.rule = self._rule(found)
        except LateRuleError as error:
            self.add_error(None, str(error))
        return found

    def _rule(self, found: dict[str, Any]) -> LateRule:
        total, each = found.get("slip_total") or 0, found.get("slip_each") or found.get("slip_total") or 0
        unit = Unit(found.get("slip_unit") or Unit.DAY)
        common: dict[str, Any] = {
            "grace": timedelta(minutes=found["grace_minutes"] or 0),
            "basis": Basis(found["basis"] or Basis.EARNED),
            "replacing": Replacing(found["replacing"] or Replacing.LATE),
            "cut_off_days": found["cut_off_days"] or 0,
            "slip_days": SlipDays(total, each, (), unit, bool(found.get("slip_groups"))) if total else None,
            "free_days": tuple(sorted(found.get("free_days") or ())),
        }
        if found["form"] == BY_STEPS:
            if found["percent"] is None:
                raise LateRuleError("Say how many percent every step costs.")
            hourly = found["every"] == "hour"
            span = (0, 60) if hourly else (1, 0)
            return LateRule(
                steps=Steps(found["percent"], found["floor"] or Decimal(), *span, found["compound"]), **common
            )
        if found["form"] == BY_TIERS:
            if found["beyond"] is None:
                raise LateRuleError("Say what counts later than all of these.")
            return LateRule(tuple(_tiers(found)), found["beyond"], **common)
        return LateRule(**common)


class OwnLateRuleForm(LateRuleForm):
    """The same of one assignment: it shares no slip days, which are the course's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("slip_total", "slip_each", "slip_unit", "slip_groups"):
            del self.fields[name]


def _tiers(found: dict[str, Any]) -> Iterator[Tier]:
    for place in range(TIERS):
        days, factor = found[f"days_{place}"], found[f"factor_{place}"]
        if (days is None) != (factor is None):
            raise LateRuleError("Each tier needs both its days and its factor.")
        if days is not None and factor is not None:
            yield Tier(days, found[f"inclusive_{place}"], factor)


def initial_of(rule: LateRule) -> dict[str, Any] | None:
    """The form's first values for a rule; None if the form cannot say it (minutes, items without slip days)."""
    odd = any(tier.minutes for tier in rule.tiers) or len(rule.tiers) > TIERS or rule.grace.seconds % 60
    steps, slip = rule.steps, rule.slip_days
    if odd or (slip and slip.not_on) or (steps and (steps.days, steps.minutes) not in ((1, 0), (0, 60))):
        return None
    tiers = {
        f"{key}_{place}": value
        for place, tier in enumerate(rule.tiers)
        for key, value in {"days": tier.days, "factor": tier.factor, "inclusive": tier.inclusive}.items()
    }
    return {
        "form": BY_STEPS if steps else BY_TIERS if rule.tiers or rule.beyond < 1 else NONE,
        "beyond": rule.beyond,
        "percent": steps.percent if steps else None,
        "every": "hour" if steps and steps.minutes else "day",
        "floor": steps.floor if steps else None,
        "compound": bool(steps and steps.compound),
        "grace_minutes": int(rule.grace.total_seconds()) // 60 or None,
        "cut_off_days": rule.cut_off_days or None,
        "basis": rule.basis,
        "replacing": rule.replacing,
        "slip_total": slip.total if slip else None,
        "slip_each": slip.each if slip else None,
        "slip_unit": slip.unit if slip else Unit.DAY,
        "slip_groups": bool(slip and slip.for_groups),
        "free_days": list(rule.free_days),
        **tiers,
    }
