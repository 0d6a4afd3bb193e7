"""Similarity: what a copier changes does not hide the copy, what everybody was given is no evidence."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.similarity.fingerprints import NOISE, Print, fingerprints, grams_of, tokens_of
from grading.similarity.pairs import RARE, clusters, compare
from tests.classroom import GIVEN, copied, given_only, own_work

KNOWN = frozenset(value for value, _ in grams_of(GIVEN))


def texts(code: str) -> list[str]:
    return [token.text for token in tokens_of(code)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("total = a + b", "s=x+y"),
        ("f(a, 1)", "f(\n    b,\n    2,\n)"),
        ("x = 'one'", 'x = "two"  # why not'),
        ("a = 1; b = 2", "a = 1\nb = 2"),
        ("def f(x):\n    '''Says what.'''\n    return x", "def g(y):\n    # says what\n    return y"),
        ("x = 1 + \\\n    2", "x = 1 + 2"),
        ("%matplotlib inline\nx = 1", "!pip install torch\n%time\nx = 2"),
        ("x = r'\\d+'", "pattern = '[0-9]+'"),
        ("x = 0x1F", "x = 31"),
        ("", "# nothing but a comment"),
    ],
)
def test_what_a_copier_changes_makes_no_difference(one, other):
    assert texts(one) == texts(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("np.dot(a, b)", "np.sum(a, b)"),
        ("for i in x: pass", "while x: pass"),
        ("len(a)", "sum(a)"),
        ("a + b", "a - b"),
        ("a.T @ b", "a @ b"),
    ],
)
def test_what_the_code_does_makes_one(one, other):
    assert texts(one) != texts(other)


def test_lines_are_counted_through_texts_and_comments():
    assert [token.line for token in tokens_of('x = """one\ntwo"""\n# three\ny')] == [1, 1, 1, 4]


@given(st.text())
def test_whatever_stands_in_a_cell_is_read(code):
    lines = code.count("\n") + 1
    assert all(1 <= token.line <= lines for token in tokens_of(code))


def test_a_match_of_enough_tokens_is_always_seen():
    """Winnowing's guarantee: wherever it stands, and whatever is around it."""
    passage = "a[i] = np.exp(b - c.max()) / d.sum(e) + f"
    assert len(tokens_of(passage)) >= NOISE
    for before in range(12):
        one = fingerprints(["x = 1\n" * before + passage + "\nwhile p: q.r()"])
        other = fingerprints(["if y: z.u(w)\n" * before + passage + "\nfor k in m: print(k)"])
        assert one.keys() & other.keys()


def test_places_are_cells_and_lines():
    found = fingerprints(["", "x = 1\n\ny = np.exp(b - c.max()) / d.sum(e) + f[i]"])
    places = [place for each in found.values() for place in each]
    assert {place.cell for place in places} == {1}
    assert {line for place in places for line in (place.first, place.last)} <= {1, 3}


def test_what_was_given_out_leaves_no_fingerprint():
    assert fingerprints(GIVEN)
    assert not fingerprints(GIVEN, KNOWN)


@cache
def class_of(students: int, copies: int) -> dict[int, Print]:
    """Students 0, 1, …; the last `copies` of them copied from the first so many. Every tenth did nothing."""
    work = {n: given_only(n) if n % 10 == 9 else own_work(n) for n in range(students)}
    for n in range(copies):
        source = n + n // 9  # not one who did nothing
        work[students + n] = copied(work[source], seed=n)
    return {n: fingerprints(cells, KNOWN) for n, cells in work.items()}


def test_all_planted_copies_stand_at_the_top_and_those_who_did_nothing_do_not():
    found = compare(class_of(470, copies=30))
    planted = {(n + n // 9, 470 + n) for n in range(30)}
    assert {(pair.left, pair.right) for pair in found.pairs[:30]} == planted
    assert all(pair.left_share > 0.5 and pair.right_share > 0.5 for pair in found.pairs[:30])
    assert not [pair for pair in found.pairs if pair.left % 10 == 9 and pair.right % 10 == 9]
    assert all(pair.score < found.pairs[29].score / 2 for pair in found.pairs[30:])


@pytest.mark.parametrize(("students", "copies"), [(90, 10), (470, 30)])
def test_the_work_is_bounded_by_a_multiple_of_what_was_written(students, copies):
    """So it is linear in the number of notebooks; benchmarks/similarity.py measures it."""
    prints = class_of(students, copies=copies)
    assert compare(prints).steps <= (RARE - 1) / 2 * sum(map(len, prints.values()))


def test_what_everybody_wrote_is_not_held_against_everybody():
    same = {n: fingerprints(own_work(0)) for n in range(300)}
    assert compare(same).steps < 300 * len(same[0])


def test_former_years_are_held_against_this_year_only():
    prints = {n: fingerprints(own_work(n // 2)) for n in range(6)}  # three pairs of equals
    assert {(pair.left, pair.right) for pair in compare(prints, old=[0, 1, 2]).pairs} == {(2, 3), (4, 5)}


def test_spans_say_where_the_same_code_stands():
    cells = own_work(1)
    pair = compare({1: fingerprints(cells, KNOWN), 2: fingerprints(cells, KNOWN), 3: fingerprints(own_work(3), KNOWN)})
    assert pair.pairs[0].spans
    assert all(left == right for left, right in pair.pairs[0].spans)


def test_a_large_ring_of_copiers_hangs_together():
    """More than are compared pair by pair."""
    ring = {n: fingerprints(copied(own_work(0), seed=n), KNOWN) for n in range(60)}
    others = {n: fingerprints(own_work(n), KNOWN) for n in range(100, 300)}
    found = compare(ring | others)
    [cluster] = clusters((pair.left, pair.right) for pair in found.pairs if pair.score > 0.5)
    assert cluster == set(ring)


def test_clusters_join_what_is_chained():
    assert clusters([(1, 2), (3, 4), (2, 5), (6, 7), (7, 8), (8, 9)]) == [{6, 7, 8, 9}, {1, 2, 5}]
    assert clusters([]) == []


def test_nobody_and_one_alone_are_no_pairs():
    assert not compare({}).pairs
    assert not compare({1: fingerprints(own_work(1))}).pairs
