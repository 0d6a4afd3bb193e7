"""Every rule of a scheme with every other, against an independent computation that tries all choices."""

import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradebook.policy.totals import standing, total
from gradebook.policy.tree import Leaf, Node, Optional, is_publishable

D = Decimal
BONUS = {"optional": Optional.BONUS}
LOOSE = {"optional": Optional.NEVER_HURTS}
FULL = Leaf(Fraction(1), handed_in=True)


def leaf(key: str, weight: str | int, **rules) -> Node:
    return Node(key, D(weight), **rules)


def course(*parts: Node, **rules) -> Node:
    return Node("course", D(100), parts, **rules)


def marks(**percent: str | int | None) -> dict[str, Leaf]:
    """`a=80`: eighty percent; `a=None`: exempt; what is not named was not handed in."""
    return {
        key: Leaf(exempt=True) if value is None else Leaf(Fraction(D(value)) / 100, handed_in=True)
        for key, value in percent.items()
    }


# An independent computation: all choices of what is left out, in every group all choices of what is kept.


def brute_total(root: Node, known: Mapping[str, Leaf]) -> Fraction:
    value, extra = max(brute(root, known), key=lambda pair: worth(*pair))
    return worth(value, extra) * 100


def worth(value: Fraction | None, extra: Fraction) -> Fraction:
    return extra if value is None else value


def brute(node: Node, known: Mapping[str, Leaf]) -> Iterator[tuple[Fraction | None, Fraction]]:
    """Every (value, what its bonuses add) that some choice gives; value None: it does not count."""
    below = [known.get(part.key, Leaf()) for part in node.leaves()]
    nothing_came = all(part.exempt or not (part.handed_in or part.share is not None) for part in below)
    if node.optional == "redistribute_if_absent" and nothing_came:
        yield None, Fraction()
        return
    if node.optional == "never_hurts":
        yield None, Fraction()
    if node.children:
        yield from brute_group(node, known)
    else:
        yield (None if below[0].exempt else capped(below[0].share or Fraction(), node)), Fraction()


def brute_group(node: Node, known: Mapping[str, Leaf]) -> Iterator[tuple[Fraction | None, Fraction]]:
    for chosen in product(*(list(brute(child, known)) for child in node.children)):
        pairs = list(zip(node.children, chosen, strict=True))
        on_top = [(child, pair) for child, pair in pairs if child.optional == "bonus" or pair[0] is None]
        extra = sum((Fraction(child.weight) / 100 * worth(*pair) for child, pair in on_top), Fraction())
        there = [(child, pair[0]) for child, pair in pairs if child.optional != "bonus" and pair[0] is not None]
        if not there:
            yield None, capped(extra, node)
        for kept in choices(node, there) if there else ():
            yield capped(mean(kept, node) + extra, node), extra


def choices(node: Node, present):
    dropped = max(node.drop, len(present) - node.best if node.best else 0, len(present) - 1 if node.better_of else 0)
    return combinations(present, max(1, len(present) - dropped))


def mean(kept, node: Node) -> Fraction:
    whole = sum(Fraction(child.weight) for child, _ in kept)
    if len(kept) == sum(child.optional != "bonus" for child in node.children):
        whole = Fraction(100)
    return sum((Fraction(child.weight) * value for child, value in kept), Fraction()) / whole if whole else Fraction()


def capped(value: Fraction, node: Node) -> Fraction:
    return min(value, Fraction(node.cap) / 100) if node.cap is not None else value


# Schemes with every pair of rules.

GROUP_RULES: tuple[Mapping[str, object], ...] = (
    {}, {"drop": 1}, {"drop": 2}, {"best": 1}, {"best": 2}, {"best": 3}, {"cap": D(100)}, {"cap": D(80)}, {"better_of": True},
)  # fmt: skip
SHARES = [Fraction(n, 20) for n in range(21)]
MOST_LEAVES = 8


class Maker:
    """Random schemes that may be published, and marks for them; the same from the same number."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.keys = 0

    def scheme(self) -> Node:
        while True:
            self.keys = 0
            root = self.group("root", D(100), depth=0, optional=Optional.NO)
            if len(list(root.leaves())) <= MOST_LEAVES and is_publishable(root):
                return root

    def group(self, key: str, weight: Decimal, *, depth: int, optional: Optional) -> Node:
        rules = dict(self.random.choice(GROUP_RULES))
        count = self.random.randint(1, 4 if depth else 3)
        even = self.random.random() < 0.5
        weights = self.weights(count, even=even) if not rules.get("better_of") else [D(100)] * count
        parts = [self.part(w, depth, self.random.choice([o for o in Optional if o != "bonus"])) for w in weights]
        if self.random.random() < 0.4:
            parts.append(self.part(D(self.random.choice([5, 10, 30])), depth, Optional.BONUS))
        return Node(key, weight, tuple(parts), optional, **rules)  # type: ignore[arg-type]

    def part(self, weight: Decimal, depth: int, optional: Optional) -> Node:
        self.keys += 1
        key = f"k{self.keys}"
        if depth < 2 and self.random.random() < 0.35:
            return self.group(key, weight, depth=depth + 1, optional=optional)
        return Node(key, weight, (), optional)

    def weights(self, count: int, *, even: bool) -> list[Decimal]:
        cuts = sorted(self.random.sample(range(1, 100), count - 1))
        found = [D(b - a) for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        return [D(100) / count] * count if even and 100 % count == 0 else found

    def marks(self, root: Node) -> dict[str, Leaf]:
        return {node.key: self.mark() for node in root.leaves()}

    def mark(self) -> Leaf:
        kind = self.random.random()
        if kind < 0.12:
            return Leaf(exempt=True)
        if kind < 0.3:
            return Leaf(None, handed_in=kind < 0.2)
        return Leaf(self.random.choice(SHARES), handed_in=True)


SEEDS = 20_000
SLICES = 10


@pytest.mark.parametrize("part", range(SLICES))
def test_twenty_thousand_schemes_agree_with_trying_all_choices(part):
    for seed in range(part, SEEDS, SLICES):
        maker = Maker(seed)
        root = maker.scheme()
        known = maker.marks(root)
        assert total(root, known) == brute_total(root, known), (seed, root, known)


def rules_of(node: Node, above: frozenset[str] = frozenset()) -> Iterator[frozenset[str]]:
    """For every node the rules on it, on what it stands in, and on its siblings."""
    own = {name for name in ("drop", "best", "better_of", "cap") if getattr(node, name)}
    own |= {child.optional for child in node.children if child.optional != "no"}
    yield above | own
    for child in node.children:
        yield from rules_of(child, above | own)


def test_every_pair_of_rules_is_among_them():
    every = {"drop", "best", "better_of", "cap", *(o for o in Optional if o != "no")}
    wanted = {frozenset(pair) for pair in combinations(sorted(every), 2)}
    for seed in range(2000):
        for together in rules_of(Maker(seed).scheme()):
            wanted -= {frozenset(pair) for pair in combinations(sorted(together), 2)}

    assert wanted == set()


@settings(max_examples=300)
@given(st.integers(0, 10**6))
def test_more_marks_are_never_worth_less(seed):
    maker = Maker(seed)
    root = maker.scheme()
    known = maker.marks(root)
    for key, found in known.items():
        if found.share is not None:
            more = {**known, key: Leaf(maker.random.choice([s for s in SHARES if s >= found.share]), True)}
            assert total(root, more) >= total(root, known)


@settings(max_examples=300)
@given(st.integers(0, 10**6))
def test_what_is_still_possible_contains_every_end(seed):
    maker = Maker(seed)
    root = maker.scheme()
    known = maker.marks(root)
    now = standing(root, known)
    for _ in range(4):
        end = {
            key: found if found.share is not None or found.exempt else ended(maker, found)
            for key, found in known.items()
        }
        assert now.lowest <= total(root, end) <= now.highest
        assert standing(root, end).lowest <= standing(root, end).highest
    assert now.lowest <= now.earned <= now.highest


def ended(maker: Maker, found: Leaf) -> Leaf:
    """What an open part may become: marked, or never handed in if it is not yet."""
    if not found.handed_in and maker.random.random() < 0.3:
        return found
    return Leaf(maker.random.choice(SHARES), handed_in=True)


@settings(max_examples=200)
@given(st.integers(0, 10**6))
def test_once_everything_is_graded_there_is_one_number(seed):
    maker = Maker(seed)
    root = maker.scheme()
    known = {node.key: Leaf(maker.random.choice(SHARES), handed_in=True) for node in root.leaves()}
    now = standing(root, known)

    assert now.lowest == now.highest == now.earned == total(root, known)


def quizzes(**rules) -> Node:
    return course(*(leaf(key, 25) for key in "abcd"), leaf("bonus", 10, **BONUS), **rules)


def halves(*parts: Node, **rules) -> Node:
    return course(Node("g", D(50), parts, **rules), leaf("exam", 50))


def four_of_which_two_never_hurt(**rules) -> Node:
    return course(leaf("a", 25, **LOOSE), leaf("b", 25, **LOOSE), leaf("c", 25), leaf("d", 25), **rules)


HOMEWORK = leaf("homework", 20, optional=Optional.REDISTRIBUTE)
WITH_HOMEWORK = course(HOMEWORK, leaf("project", 80), leaf("bonus", 10, **BONUS))
TWO = (leaf("exam", 90), leaf("homework", 10), leaf("bonus", 10, **BONUS))


@pytest.mark.parametrize(
    ("root", "known", "expected"),
    [
        (quizzes(drop=1), marks(a=70, b=70, c=70, d=70, bonus=100), 80),
        (quizzes(), marks(a=70, b=70, c=70, d=70, bonus=100), 80),
        (quizzes(best=2), marks(a=70, b=70, c=70, d=70, bonus=50), 75),
        (quizzes(), marks(a=None, b=70, c=70, d=70, bonus=100), 80),
        (quizzes(), marks(a=None, b=None, c=None, d=None, bonus=100), 10),
        (WITH_HOMEWORK, marks(project=70, bonus=100), 80),
        (WITH_HOMEWORK, marks(homework=70, project=70, bonus=100), 80),
        (course(*TWO, drop=1), marks(exam=50, homework=100, bonus=100), 110),
        (course(*TWO, drop=1, cap=D(100)), marks(exam=50, homework=100, bonus=100), 100),
        (course(*TWO, drop=1, cap=D(105)), marks(exam=50, homework=100, bonus=100), 105),
        (course(leaf("exam", 50), leaf("work", 50), leaf("bonus", 10, **BONUS)), marks(exam=None, work=80, bonus=100), 90),
        (four_of_which_two_never_hurt(best=3), marks(a=60, b=45, c=80, d=90), 85),
        (four_of_which_two_never_hurt(best=2), marks(a=60, b=45, c=80, d=90), 85),
        (four_of_which_two_never_hurt(best=3), marks(a=95, b=45, c=80, d=90), Fraction(265, 3)),
        (course(leaf("a", 50, **BONUS), leaf("b", 100)), marks(a=100, b=None), 50),
        (halves(leaf("x", 100, **LOOSE)), marks(x=20, exam=80), 80),
        (halves(leaf("x", 100, **LOOSE), leaf("b", 10, **BONUS)), marks(x=20, b=100, exam=80), 85),
        (halves(leaf("x", 100), leaf("b", 10, **BONUS)), marks(x=None, b=100, exam=80), 85),
        (halves(leaf("x", 100), leaf("b", 10, **BONUS), cap=D(100)), marks(x=95, b=100, exam=80), 90),
    ],
)  # fmt: skip
def test_worked_pairs(root, known, expected):
    assert total(root, known) == expected == brute_total(root, known)
    assert is_publishable(root)


def test_an_average_has_its_bonuses_on_top_as_the_whole_has():
    root = course(leaf("quiz", 10), leaf("exam", 90), leaf("bonus", 10, **BONUS))

    assert standing(root, marks(quiz=70, bonus=100)).average == 80
    assert standing(root, marks(bonus=100)).average is None
    assert standing(root, marks(quiz=70, exam=70, bonus=100)).average == 80


def _with_bonus(number):
    full = Node(f"l{number}", Decimal(100), (), Optional.NEVER_HURTS)
    return full, Node(f"b{number}", Decimal(10), (), Optional.BONUS)


@pytest.mark.parametrize("groups", [6, 7, 12])
def test_many_groups_that_leave_a_bonus_behind(groups):
    """Two of them at nothing and the others full, each with a bonus of 10 on top: the two go, their bonuses stay."""
    weights = [Decimal(15), Decimal(15), *[Decimal(70) / (groups - 2)] * (groups - 2)]
    parts = tuple(Node(f"g{i}", weight, _with_bonus(i)) for i, weight in enumerate(weights))
    marks = {f"l{i}": Leaf(Fraction(i > 1), True) for i in range(groups)}
    marks |= {f"b{i}": Leaf(Fraction(1), True) for i in range(groups)}

    found = total(Node("root", Decimal(100), parts), marks)

    assert found >= 113
