"""Which notebooks of a class share rare fingerprints. Knows no Django; linear in the number of notebooks."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Generic, TypeVar

from grading.similarity.fingerprints import Place, Print

Key = TypeVar("Key", bound=Hashable)

RARE = 12
"""A fingerprint of at most so many notebooks is compared pair by pair; of more, each with its neighbour only."""
DAMPING = 4.0
"""Weight that a pair must have in common before its share says much: two lines are no evidence."""
FLOOR = 0.3
"""Pairs below are not worth a look."""
LISTED = 200


@dataclass(frozen=True)
class Pair(Generic[Key]):
    """Two notebooks: how alike (0 to 1), and which share of each one's own code stands in the other."""

    left: Key
    right: Key
    score: float
    left_share: float
    right_share: float
    spans: Sequence[tuple[Place, Place]]
    """Where the same code stands, left and right."""


@dataclass(frozen=True)
class Comparison(Generic[Key]):
    """The pairs worth a look, most alike first. `steps`: how often two notebooks were held against each other."""

    pairs: Sequence[Pair[Key]]
    steps: int


def compare(prints: Mapping[Key, Print], *, old: Iterable[Key] = ()) -> Comparison[Key]:
    """The most similar pairs. `old`: notebooks of former years, which are held against the new ones only."""
    holders: dict[int, list[Key]] = defaultdict(list)
    for key, found in prints.items():
        for value in found:
            holders[value].append(key)
    weights = {value: _weight(len(keys), len(prints)) for value, keys in holders.items()}
    known = frozenset(old)
    shared: dict[tuple[Key, Key], float] = defaultdict(float)
    steps = 0
    for value, keys in holders.items():
        for left, right in combinations(keys, 2) if len(keys) <= RARE else pairwise(keys):
            steps += 1
            if left not in known or right not in known:
                shared[left, right] += weights[value]
    likely = sorted(shared, key=lambda pair: -shared[pair])[: 4 * LISTED]
    exact = [_pair(left, right, prints, weights) for left, right in likely]
    listed = sorted((pair for pair in exact if pair.score >= FLOOR), key=lambda pair: -pair.score)
    return Comparison(listed[:LISTED], steps)


def _weight(holders: int, notebooks: int) -> float:
    """1 for what two notebooks alone have, less the more have it, and never 0."""
    return 1.0 if holders <= 2 else 1 - math.log(holders / 2) / math.log(notebooks)  # noqa: PLR2004  a pair


def _pair(left: Key, right: Key, prints: Mapping[Key, Print], weights: Mapping[int, float]) -> Pair[Key]:
    mine, theirs = prints[left], prints[right]
    both = [value for value in mine if value in theirs]
    common = sum(weights[value] for value in both)
    whole = [sum(weights[value] for value in found) for found in (mine, theirs)]
    return Pair(
        left,
        right,
        score=common / (min(whole) + DAMPING),
        left_share=common / whole[0],
        right_share=common / whole[1],
        spans=[(mine[value][0], theirs[value][0]) for value in both],
    )


def clusters(pairs: Iterable[tuple[Key, Key]]) -> list[set[Key]]:
    """Notebooks that hang together by these pairs, the largest group first; groups of two are pairs and no cluster."""
    groups: dict[Key, set[Key]] = {}
    for left, right in pairs:
        merged = groups.get(left, {left}) | groups.get(right, {right})
        groups.update(dict.fromkeys(merged, merged))
    found = {id(group): group for group in groups.values() if len(group) > 2}  # noqa: PLR2004  more than a pair
    return sorted(found.values(), key=len, reverse=True)
