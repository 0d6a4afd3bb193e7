"""Who could be put together so that no group is too small. A proposal for staff; pure."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def proposals(sizes: Mapping[Key, int], alone: int, *, smallest: int, largest: int) -> Sequence[tuple[Key, Key]]:
    """Pairs of groups, the first of which is too small, that fit together; each group stands in one pair at most.

    Two small ones are put together before one joins a group that is large enough. `alone`: students in no group, for whom
    places are kept free where there are enough.
    """
    small = sorted((key for key, size in sizes.items() if size < smallest), key=lambda key: -sizes[key])
    open_groups = sorted((key for key, size in sizes.items() if smallest <= size < largest), key=lambda key: sizes[key])
    free = sum(largest - sizes[key] for key in open_groups)
    pairs: list[tuple[Key, Key]] = []
    taken: set[Key] = set()
    for key in small:
        if key in taken:
            continue
        partner = _partner(key, [other for other in small if other != key and other not in taken], sizes, largest)
        if partner is None and free - sizes[key] >= alone:
            partner = _partner(key, [other for other in open_groups if other not in taken], sizes, largest)
            free -= sizes[key] if partner is not None else 0
        if partner is not None:
            pairs.append((key, partner))
            taken |= {key, partner}
    return pairs


def _partner(key: Key, others: Sequence[Key], sizes: Mapping[Key, int], largest: int) -> Key | None:
    """The fullest of the others with which it still fits."""
    fitting = [other for other in others if sizes[key] + sizes[other] <= largest]
    return max(fitting, key=lambda other: sizes[other], default=None)
