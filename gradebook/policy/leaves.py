"""What the totals make of a word in place of a mark. Pure."""

from fractions import Fraction

from gradebook.policy.tree import Leaf
from grading.policy.codes import Code


def leaf_of(code: str, share: Fraction | None, *, handed_in: bool) -> Leaf:
    """What the totals know of a leaf under this code."""
    if code == Code.EXEMPT:
        return Leaf(exempt=True)
    if code == Code.ABSENT:
        return Leaf(Fraction(), handed_in=True)
    if code == Code.DEFERRED:
        return Leaf(None, handed_in=True)
    return Leaf(share, handed_in)
