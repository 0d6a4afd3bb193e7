"""Pictures of figures: bars and lines as coordinates, which a template draws. Whoever cannot see them reads the table behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, ROW, LABEL = 230, 20, 130
LINE_WIDTH, LINE_HEIGHT = 100, 24


@dataclass(frozen=True)
class Bar:
    """One row: where it stands, how long its bar is (of WIDTH), and what it says."""

    label: str
    said: str
    top: int
    length: int

    @property
    def base(self) -> int:
        return self.top + 13

    @property
    def end(self) -> int:
        return LABEL + self.length + 5


@dataclass(frozen=True)
class Chart:
    """Bars below each other."""

    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return ROW * len(self.bars)


def bars_of(rows: Sequence[tuple[str, Decimal | int, str]], *, most: Decimal | int | None = None) -> Chart | None:
    """(label, value, value in words) from top to bottom. `most`: the value of a full bar, else the largest. None: no value."""
    full = max([value for _, value, _ in rows], default=0) if most is None else most
    if not full:
        return None
    return Chart([Bar(label, said, ROW * n, int(value * WIDTH / full)) for n, (label, value, said) in enumerate(rows)])


def line_of(values: Sequence[Decimal]) -> str:
    """Values from 0 to 100 as the points of a line, left to right; empty for fewer than two."""
    if len(values) < 2:  # noqa: PLR2004  a line has two ends
        return ""
    step = Decimal(LINE_WIDTH) / (len(values) - 1)
    return " ".join(f"{n * step:.1f},{LINE_HEIGHT - value * LINE_HEIGHT / 100:.1f}" for n, value in enumerate(values))
