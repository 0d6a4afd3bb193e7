"""A student takes their total apart, and supposes marks without storing any."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.models import Assignment
from gradebook.policy.totals import counted_shares, standing
from gradebook.policy.tree import Leaf, Node, Optional
from gradebook.standings.selectors import gradebook
from gradebook.standings.trace import trace_of
from tests import entered
from tests import factories as make
from tests.pages import as_person, words_of

D = Decimal
GRADES = "/courses/dl/grades/"
shares = st.fractions(0, 1, max_denominator=20)
TREE = Node(
    "course",
    D(100),
    (
        Node("homework", D(40), tuple(Node(f"h{n}", D(25)) for n in range(4)), Optional.REDISTRIBUTE, drop=1),
        Node("exam", D(60)),
    ),
)


@given(st.dictionaries(st.sampled_from(["h0", "h1", "h2", "h3", "exam"]), st.tuples(shares | st.none(), st.booleans())))
def test_what_the_parts_add_is_what_is_earned(known):
    marks = {key: Leaf(share, share is not None, exempt) for key, (share, exempt) in known.items()}
    counted = counted_shares(TREE, marks)
    graded = {key: marks[key].share for key in counted if key in marks and not marks[key].exempt}

    assert sum((counted[key] * share for key, share in graded.items() if share is not None), Fraction()) == (
        standing(TREE, marks).earned
    )
    assert not counted or sum(counted.values()) == 100


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


@pytest.mark.django_db
class TestPage:
    def give(self, world, exam, percent):
        entered.enter(exam, world.lecturer, world.student, percent)
        entered.release(exam, world.lecturer)

    def page(self, client, world, **typed):
        return words_of(as_person(client, world.student).get(GRADES, typed))

    def field(self, world, name):
        columns = gradebook(world.lecturer, []).columns
        return next(f"if-{column.component.pk}" for column in columns if column.component.name == name)

    def test_each_part_says_what_it_counts_and_adds(self, client, world, exam):
        self.give(world, exam, 75)
        make.make_submission(world.assignment, world.student)

        page = self.page(client, world)

        assert "75 of 100 80 % 60" in page
        assert "Handed in, not released yet – 20 % –" in page

    def test_a_part_that_counts_otherwise_than_planned_says_so(self, client, world, exam):
        """Nothing of the optional part was handed in: the exam is everything."""
        self.give(world, exam, 75)

        assert "100 % by plan 80 % 75" in self.page(client, world)

    def test_supposing_a_mark(self, client, world, exam):
        self.give(world, exam, 75)

        page = self.page(client, world, **{self.field(world, "Numbers"): "50"})

        assert "With the marks you supposed" in page
        assert "70 points of 100" in page
        assert len(entered.marks_of(exam)) == 1
        assert "With the marks you supposed" not in self.page(client, world)

    def test_a_mark_that_is_known_cannot_be_supposed_away(self, client, world, exam):
        self.give(world, exam, 75)

        assert "With the marks you supposed" not in self.page(client, world, **{self.field(world, "Exam"): "100"})

    @pytest.mark.parametrize(
        ("text", "said"), [("abc", "“abc” is no number."), ("101", "does not lie between 0 and 100")]
    )
    def test_what_is_no_mark_is_said_and_stays(self, client, world, exam, text, said):
        page = self.page(client, world, **{self.field(world, "Exam"): text})
        assert said in page
        assert "With the marks you supposed" not in page

    def test_what_is_not_released_takes_no_part(self, client, world, exam):
        """Supposing shows nothing that a release has not shown."""
        entered.enter(exam, world.lecturer, world.student, 10)

        page = self.page(client, world, **{self.field(world, "Exam"): "90"})

        assert "90 points of 100" in page

    def test_an_exempt_part_adds_nothing_and_has_no_field(self, world, exam):
        entered.enter(exam, world.lecturer, world.student, "exempt")
        entered.release(exam, world.lecturer)
        book = gradebook(world.student, [world.student])

        line = trace_of(book, book.rows[0], {}).lines[-1]

        assert (line.share, line.adds, line.is_open) == (0, None, False)

    def test_a_course_without_a_scheme(self, client, world):
        assert "no graded component" in self.page(client, world)
