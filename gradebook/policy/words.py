"""How a scheme counts, as students read it."""

from collections.abc import Iterator, Mapping

from courses.policy.words import points_text
from gradebook.policy.tree import Node, Optional

OPTIONAL = {
    Optional.REDISTRIBUTE: (
        "{name}: optional. If you hand in none of it, you are judged on the rest alone; once one part is handed in, "
        "a missing one counts 0."
    ),
    Optional.ZERO: "{name}: optional to hand in, but what is missing counts 0.",
    Optional.NEVER_HURTS: "{name}: optional. It counts only if your total is better with it.",
    Optional.BONUS: "{name}: a bonus on top of the rest.",
}

SHORT = {
    Optional.NO: "counts always",
    Optional.REDISTRIBUTE: "optional: without it, judged on the rest",
    Optional.ZERO: "optional: missing counts 0",
    Optional.NEVER_HURTS: "optional: only if it helps",
    Optional.BONUS: "bonus on top",
}
"""The same as it is chosen."""


def scheme_sentences(root: Node, names: Mapping[str, str]) -> list[str]:
    """One sentence for every rule that is more than a weight. `names`: key → name."""
    return list(_sentences(root, names))


def _sentences(node: Node, names: Mapping[str, str]) -> Iterator[str]:
    name = names[node.key]
    if node.optional in OPTIONAL:
        yield OPTIONAL[node.optional].format(name=name)
    if node.better_of:
        yield f"{name}: reckoned in {len(node.children)} ways, and the one that is better for you counts."
    if node.drop:
        yield f"{name}: the lowest {_count(node.drop)} not count."
    if node.best:
        yield f"{name}: the best {node.best} of {len(node.children)} count."
    if node.minimum is not None:
        yield f"{name}: at least {points_text(node.minimum)} % is needed to pass the course, whatever the total."
    if node.cap is not None:
        yield f"{name}: counts at most {points_text(node.cap)} %, whatever a bonus adds."
    for child in node.children:
        yield from _sentences(child, names)


def _count(drop: int) -> str:
    return "one does" if drop == 1 else f"{drop} do"
