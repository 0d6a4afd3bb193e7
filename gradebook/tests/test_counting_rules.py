"""Which components count: drop the lowest, best of, the better of two schemes, a minimum to pass."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.models import Component
from gradebook.policy.totals import below_minimum, standing, total
from gradebook.policy.tree import Leaf, Node, Optional, is_publishable
from gradebook.policy.words import scheme_sentences
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from tests import factories as make
from tests.pages import as_person, words_of

D = Decimal
KEYS = ("a", "b", "c", "d")


def leaf(key, weight, **rules):
    return Node(key, D(weight), **rules)


def quarters(**rules):
    return Node("quizzes", D(100), tuple(leaf(key, 25) for key in KEYS), **rules)


def marks(**percent):
    return {key: Leaf(Fraction(D(value)) / 100, True) for key, value in percent.items()}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, 70), ({"drop": 1}, 80), ({"best": 3}, 80), ({"drop": 2}, 85), ({"best": 2}, 85), ({"best": 1}, 90),
        ({"best": 4}, 70), ({"drop": 3}, 90),
    ],
)  # fmt: skip
def test_the_lowest_do_not_count(rules, expected):
    assert total(quarters(**rules), marks(a=40, b=90, c=80, d=70)) == expected


def test_what_was_not_handed_in_is_the_lowest():
    assert total(quarters(drop=1), marks(a=60, b=90, d=60)) == 70


def test_best_of_stands_for_a_final_that_replaces_the_lowest_exam():
    tree = Node("exams", D(100), tuple(leaf(key, 25) for key in ("e1", "e2", "e3", "final")), best=3)

    assert total(tree, marks(e1=50, e2=80, e3=80, final=95)) == 85
    assert total(tree, marks(e1=50, e2=80, e3=80, final=20)) == 70


def test_groups_inside_groups_drop_their_own_first():
    quizzes = Node("quizzes", D(25), tuple(leaf(key, 50) for key in ("q1", "q2")), drop=1)
    tree = Node("course", D(100), (*(leaf(key, 25) for key in ("m1", "m2", "m3")), quizzes), drop=1)

    assert total(tree, marks(m1=60, m2=90, m3=90, q1=0, q2=30)) == 80
    assert total(tree, marks(m1=60, m2=90, m3=90, q1=0, q2=90)) == 90


def scheme(name, work, final):
    return Node(name, D(100), (leaf(f"{name}-work", work), leaf(f"{name}-final", final)))


BETTER = Node("course", D(100), (scheme("x", 70, 30), scheme("y", 80, 20)), better_of=True)


@pytest.mark.parametrize(("work", "final", "expected"), [(90, 50, 82), (50, 90, 62), (70, 70, 70)])
def test_the_better_of_two_schemes_counts(work, final, expected):
    known = marks(**{"x-work": work, "x-final": final, "y-work": work, "y-final": final})

    assert total(BETTER, known) == expected


@pytest.mark.parametrize(
    ("tree", "publishable"),
    [
        (quarters(drop=1), True),
        (quarters(drop=4), False),
        (quarters(best=5), True),
        (BETTER, True),
        (Node("c", D(100), (scheme("x", 70, 30), leaf("y", 50)), better_of=True), False),
        (Node("c", D(100), (scheme("x", 70, 20),), better_of=True), False),
    ],
)
def test_what_can_be_published(tree, publishable):
    assert is_publishable(tree) is publishable


def test_a_minimum_is_missed_only_once_all_of_it_is_graded():
    exam = Node("exam", D(60), (leaf("theory", 50, minimum=D(50)), leaf("practice", 50)), minimum=D(40))
    tree = Node("course", D(100), (exam, leaf("project", 40)))

    assert below_minimum(tree, marks(project=90)) == []
    assert below_minimum(tree, marks(theory=20, project=90)) == ["theory"]
    assert below_minimum(tree, marks(theory=20, practice=59, project=90)) == ["exam", "theory"]
    assert below_minimum(tree, marks(theory=50, practice=30, project=90)) == []


def test_while_work_is_open_the_lowest_graded_is_kept():
    now = standing(quarters(drop=1), marks(a=40, b=90))

    assert (now.lowest, now.highest) == (Fraction(130, 3), Fraction(290, 3))
    assert now.average == 65


shares = st.fractions(0, 1, max_denominator=20)
weights = st.lists(st.integers(1, 40), min_size=2, max_size=5)


def uneven(numbers, surplus):
    whole = sum(numbers)
    return Node(
        "g", D(100), tuple(Node(str(place), D(w) * 100 / whole) for place, w in enumerate(numbers)), drop=surplus
    )


@given(weights, st.data())
def test_what_is_dropped_is_the_best_for_the_student(numbers, data):
    surplus = data.draw(st.integers(0, len(numbers) - 1))
    tree = uneven(numbers, surplus)
    known = {child.key: Leaf(data.draw(shares), True) for child in tree.children}

    def mean(kept):
        weight = sum(Fraction(child.weight) for child in kept)
        return sum(Fraction(child.weight) * (known[child.key].share or 0) for child in kept) / weight * 100

    best = max(mean(kept) for kept in combinations(tree.children, len(numbers) - surplus))
    if surplus:
        assert total(tree, known) == best
    else:
        assert abs(total(tree, known) - best) < Fraction(1, 10**20)


rule_sets = st.sampled_from([{}, {"drop": 1}, {"drop": 2}, {"best": 3}, {"best": 1}])
readings = st.sampled_from(Optional)


@st.composite
def trees(draw):
    """A course of two groups, one of them optional, with rules about what counts."""
    first = Node("first", D(60), tuple(leaf(key, 25) for key in KEYS), **draw(rule_sets))
    second = Node("second", D(40), (leaf("e", 50), leaf("f", 50)), draw(readings), **draw(rule_sets.filter(len)))
    return Node("course", D(100), (first, second), drop=draw(st.integers(0, 1)))


ALL = (*KEYS, "e", "f")


@given(trees(), st.dictionaries(st.sampled_from(ALL), shares), st.lists(shares, min_size=6, max_size=6))
def test_the_final_total_lies_in_the_range_that_was_shown(tree, known, rest):
    so_far = {key: Leaf(share, True) for key, share in known.items()}
    final = {key: so_far.get(key, Leaf(share, True)) for key, share in zip(ALL, rest, strict=True)}

    now = standing(tree, so_far)

    assert now.lowest <= total(tree, final) <= now.highest


@given(trees(), st.fixed_dictionaries(dict.fromkeys(ALL, shares)), st.sampled_from(ALL), shares)
def test_a_better_mark_never_lowers_the_total(tree, known, key, better):
    before = {k: Leaf(share, True) for k, share in known.items()}
    after = {**before, key: Leaf(max(better, known[key]), True)}

    assert total(tree, after) >= total(tree, before)


def test_every_rule_that_is_more_than_a_weight_is_said():
    homework = Node("h", D(20), (leaf("a", 50), leaf("b", 50)), Optional.REDISTRIBUTE, drop=1)
    exams = Node("e", D(80), tuple(leaf(key, 25) for key in KEYS), best=3, minimum=D("40.5"))
    names = {"h": "Homework", "e": "Exams", "course": "Course", **dict.fromkeys("abcd", "Part")}

    assert scheme_sentences(Node("course", D(100), (homework, exams)), names) == [
        (
            "Homework: optional. If you hand in none of it, you are judged on the rest alone; once one part is handed in, "
            "a missing one counts 0."
        ),
        "Homework: the lowest one does not count.",
        "Exams: the best 3 of 4 count.",
        "Exams: at least 40.5 % is needed to pass the course, whatever the total.",
    ]
    names |= dict.fromkeys(("x", "y", "x-work", "y-work", "x-final", "y-final"), "Part")
    assert scheme_sentences(BETTER, names) == ["Course: reckoned in 2 ways, and the one that is better for you counts."]


@pytest.mark.django_db
def test_a_minimum_that_was_missed_is_shown_to_the_student_and_in_the_gradebook(world, client):
    make.make_scheme(world.course, world.assignment)
    Component.objects.filter(assignment=world.assignment).update(minimum=D(90))
    submission = make.make_submission(world.assignment, world.student)
    make.run_of(submission)
    record_marks(
        submission=submission, by=world.ta, marks={"analysis": NewMark(D(0), "")}, maxima={"analysis": D(3)}, seen=0
    )
    release_grades(assignment=world.assignment, by=world.lecturer, students=[world.student])

    student = words_of(as_person(client, world.student).get("/courses/dl/grades/"))
    lecturer = words_of(as_person(client, world.lecturer).get("/courses/dl/gradebook/"))

    assert "lies below what is needed to pass the course" in student
    assert "below minimum" in lecturer


def test_optional_parts_that_never_came_do_not_use_up_the_best():
    quizzes = tuple(leaf(key, 20, optional=Optional.REDISTRIBUTE) for key in "abcde")
    tree = Node("course", D(100), (Node("quizzes", D(100), quizzes, best=3),))

    assert total(tree, marks(a=90, b=50, c=40)) == 60


def test_each_part_that_never_hurts_is_left_out_by_itself():
    parts = (
        leaf("core", 80),
        leaf("a", 10, optional=Optional.NEVER_HURTS),
        leaf("b", 10, optional=Optional.NEVER_HURTS),
    )
    known = marks(core=50, a=100, b=0)

    assert total(Node("course", D(100), parts), known) == Fraction(500, 9)
    nested = Node(
        "course", D(100), (Node("group", D(100), (leaf("x", 80), leaf("y", 20, optional=Optional.NEVER_HURTS))),)
    )
    assert total(nested, marks(x=100, y=0)) == 100
    assert standing(nested, marks(x=100, y=0)).earned == 100


def test_a_minimum_counts_only_in_the_scheme_that_counts():
    tree = Node(
        "c", D(100), (scheme("x", 70, 30), Node("y", D(100), (leaf("y-exam", 100, minimum=D(50)),))), better_of=True
    )

    assert below_minimum(tree, marks(**{"x-work": 90, "x-final": 90, "y-exam": 20})) == []
    assert below_minimum(tree, marks(**{"x-work": 10, "x-final": 10, "y-exam": 20})) == ["y-exam"]
