"""A scale of final grades as people read it."""

from courses.policy.words import points_text
from gradebook.policy.final import Kind, Rounding, Scale

LABELS = {
    Kind.PERCENT: "Percent, two decimals",
    Kind.POINTS: "Whole points",
    Kind.FIVE: "Five grades (优 良 中 及格 不及格)",
    Kind.LETTERS: "Letters with plus and minus",
    Kind.PASS: "Pass or fail",
    Kind.OWN: "A table of your own",
}
ROUNDED = {
    Rounding.EXACT: "The total is not rounded before",
    Rounding.NEAREST: "Round the total to whole percent first, half up",
    Rounding.UP: "Round any fraction up to the next whole percent first",
}


def scale_sentence(scale: Scale) -> str:
    """The whole scale in a line."""
    steps = ", ".join(f"{step.grade} from {points_text(step.start)}" for step in scale.steps)
    parts = [LABELS[scale.kind] + (f": {steps}" if steps else "")]
    if scale.rounding is not Rounding.EXACT:
        parts.append(ROUNDED[scale.rounding].lower())
    if scale.failed:
        parts.append(f"below a minimum: {scale.failed}")
    return "; ".join(parts)
