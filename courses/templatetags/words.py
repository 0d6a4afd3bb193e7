"""Template filters for figures: the words themselves are in `courses.policy.words`."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.safestring import SafeString

from courses.markdown import rendered
from courses.policy.words import factor_text, points_text, spoken_duration
from courses.qr import qr_svg

register = template.Library()


@register.filter
def points(value: Decimal | int | None) -> str:
    """`9.9`; a dash for nothing."""
    return "–" if value is None else points_text(Decimal(value))


@register.filter
def factor(value: Decimal | None) -> str:
    """`×0.9`"""
    return "" if value is None else factor_text(value)


@register.filter
def duration(value: timedelta | None) -> str:
    """`2 h 14 min`"""
    return "" if value is None else spoken_duration(value)


@register.filter
def hours(value: timedelta) -> str:
    """`26` or `1.5`, as a number field takes it."""
    return f"{value.total_seconds() / 3600:g}"


@register.filter
def megabytes(size: int) -> str:
    """`312 kB`, `1.4 MB`"""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(size // 1000, 1)} kB"  # noqa: PLR2004


@register.filter
def share(value: Fraction) -> str:
    """A percentage or points of 100: two decimals at most."""
    return points_text(value)


@register.filter
def percent(value: Fraction) -> str:
    """`87.5 %` of a share."""
    return f"{points_text(value * 100)} %"


@register.filter
def markdown(text: str) -> SafeString:
    """Text of staff as safe HTML."""
    return rendered(text)


@register.filter
def qr_code(text: str) -> SafeString:
    """A picture that a phone reads."""
    return qr_svg(text)


@register.filter
def words(name: str) -> str:
    """`network_is_unreachable` as words."""
    return name.replace("_", " ")
