"""Rules and figures as people read them."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from courses.policy.lateness import LateRule

CENT = Decimal("0.01")


def spoken_duration(span: timedelta) -> str:
    """`2 h 14 min`, `3 days 1 h`, `45 s`: the two largest units, nothing rounded up."""
    seconds = int(abs(span).total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((i for i, (count, _) in enumerate(parts) if count), 3)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count or first == 3) or "0 s"  # noqa: PLR2004


def points_text(points: Decimal) -> str:
    """Two decimals at most, half up, no trailing zeros: the one rounding, at the very end."""
    rounded = points.quantize(CENT, rounding=ROUND_HALF_UP)
    text = format(rounded.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def factor_text(factor: Decimal) -> str:
    """`×0.9`; one keeps its decimal so that columns of factors read alike."""
    text = format(factor.normalize(), "f")
    return f"×{text if '.' in text else text + '.0'}"


def rule_sentence(rule: LateRule) -> str:
    """The late rule as students read it."""
    if not rule.discounts:
        return "Late work is accepted and labelled late; nothing is deducted."
    parts = [
        f"{factor_text(t.factor)} up to {t.days} {'day' if t.days == 1 else 'days'} late"
        + ("" if t.inclusive else " (not included)")
        for t in rule.tiers
    ]
    grace = f" The first {spoken_duration(rule.grace)} after the due time are free." if rule.grace else ""
    return f"Late work counts {', '.join(parts)}, and {factor_text(rule.beyond)} after that.{grace}"
