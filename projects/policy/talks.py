"""Who gives a talk: ranked by a mark, cut after so many, ties across the cut shown and never broken silently."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Selection(Generic[Key]):
    """`chosen` give a talk; of `tied`, all with one mark, `seats` may; `waiting` follow, best first."""

    chosen: Sequence[Key]
    tied: Sequence[Key]
    seats: int
    waiting: Sequence[Key]
    equal_waits: bool = False
    """Somebody who waits has the same mark as somebody chosen."""

    @property
    def is_final(self) -> bool:
        """Nobody has to decide between equals."""
        return not self.tied

    def used_picks(self, picked: Collection[Key]) -> bool:
        """Whether who talks was decided among equals: somebody of the chosen was picked and an equal waits."""
        return any(key in picked for key in self.chosen) and self.equal_waits


def select(
    marks: Mapping[Key, Decimal], talks: int, *, picked: Collection[Key] = (), withdrawn: Collection[Key] = ()
) -> Selection[Key]:
    """The best `talks` of those who have not withdrawn. `picked`: whom the lecturer chose among equals at the cut.

    Where a mark is shared, groups stand in the order of `marks`. Picks among those who are not tied mean nothing.
    """
    standing = [key for key in marks if key not in withdrawn]
    ordered = sorted(standing, key=lambda key: marks[key], reverse=True)
    if len(ordered) <= talks or talks < 1:
        chosen = ordered[: max(talks, 0)]
        return Selection(chosen, [], 0, ordered[len(chosen) :])
    edge = marks[ordered[talks - 1]]
    above = [key for key in ordered if marks[key] > edge]
    equal = [key for key in ordered if marks[key] == edge]
    below = [key for key in ordered if marks[key] < edge]
    seats = talks - len(above)
    if len(equal) > seats:
        decided = [key for key in equal if key in picked]
        if len(decided) != seats:
            return Selection(above, equal, seats, below)
        rest = [key for key in equal if key not in picked]
        return Selection([*above, *decided], [], 0, [*rest, *below], equal_waits=True)
    return Selection([*above, *equal], [], 0, below)
