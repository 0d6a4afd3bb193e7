"""The weight editor: weights as people write them, live sums, and a scheme that holds only after its effect was seen."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.models import Assignment
from assignments.services import create_entered
from gradebook.effects.impact import impact_of
from gradebook.policy.tree import Node, Optional
from gradebook.policy.weights import WeightError, distributed, left_of, weight_of, weight_text, why_not
from gradebook.schemes.rows import distribute, in_order, read_draft, stored_rows, typed_rows, with_part
from gradebook.schemes.scheme import balances, save_scheme, scheme_impact
from gradebook.standings.selectors import current_components, gradebook
from grading.entered.services import Entry, record_entered
from term.course_file.dump import course_file_of
from tests import factories as make
from tests.schemes import changed, posted

D = Decimal


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("30", "30"), ("30%", "30"), (" 30 % ", "30"), ("3/10", "30"), ("1/3", "33.3333"),
        ("12,5", "12.5"), ("0", "0"), ("100", "100"),
    ],
)  # fmt: skip
def test_a_weight_is_read_as_people_write_it(text, percent):
    assert weight_of(text) == D(percent)


@pytest.mark.parametrize("text", ["", "thirty", "-1", "101", "3/0", "1/", "30%%", "nan", "1e2", "12.34567", "3/2", "٣"])
def test_what_is_no_weight_is_refused_in_its_own_words(text):
    with pytest.raises(WeightError, match=r"no weight|more than 100"):
        weight_of(text)


@given(st.lists(st.none() | st.decimals(0, 20, places=2), min_size=1, max_size=5))
def test_distributing_the_rest_sums_to_exactly_100(weights):
    given_sum = sum((weight for weight in weights if weight is not None), D())
    if None not in weights or given_sum >= 100:
        with pytest.raises(WeightError):
            distributed(weights)
        return

    shares = distributed(weights)

    assert sum(shares) == 100
    assert [new for new, old in zip(shares, weights, strict=True) if old is not None] == [
        w for w in weights if w is not None
    ]


@given(st.decimals(0, 100, places=4))
def test_a_weight_survives_being_shown_and_typed_again(weight):
    assert weight_of(weight_text(weight)) == weight


def group(*weights, **rules):
    return Node("g", D(100), tuple(Node(str(n), D(w)) for n, w in enumerate(weights)), **rules)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (group(30, 70), ""),
        (group(30, 60), "G: the parts sum to 90, 10 are left."),
        (group(30, 71), "G: the parts sum to 101, 1 too much."),
        (group(50, 50, drop=2), "G: more parts are dropped than there are."),
        (group(100, 100, better_of=True), ""),
        (group(100, 50, better_of=True), "G: where the better one counts, each part is a whole scheme and weighs 100."),
    ],
)
def test_a_group_says_why_it_cannot_hold(node, said):
    assert why_not(node, "G") == said


def test_a_bonus_stands_outside_the_sum():
    node = Node("g", D(100), (Node("a", D(100)), Node("b", D(10), optional=Optional.BONUS)))

    assert left_of(node) == 0


@pytest.fixture
def course(world):
    make.make_scheme(world.course, world.assignment)
    return world.course


@pytest.mark.django_db
class TestRows:
    def test_rows_read_back_are_the_scheme_that_holds(self, course):
        draft = read_draft(stored_rows(course), course)
        stored = current_components(course)

        assert draft.problems == {}
        assert [(c.name, c.weight, c.optional, c.kind) for c in draft.components] == [
            (c.name, c.weight, c.optional, c.kind) for c in stored
        ]

    def test_saving_what_was_there_changes_nothing_but_the_version(self, course):
        before = course_file_of(course)["scheme"]

        saved = save_scheme(course=course, components=read_draft(stored_rows(course), course).components)

        assert (saved.version, course_file_of(course)["scheme"]) == (2, before)

    def test_what_is_typed_is_what_is_read(self, course):
        rows = stored_rows(course)

        assert typed_rows(posted(rows)) == rows

    def test_a_group_stands_before_its_parts(self, course):
        rows = in_order(list(reversed(stored_rows(course))))

        assert [(row["name"], row["depth"]) for row in rows] == [
            ("Course", "0"), ("Exam", "1"), ("Assignments", "1"), ("Numbers", "2"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"weight": "lots"}, "no weight"),
            ({"name": ""}, "Give it a name"),
            ({"name": "x" * 121}, "Give it a name"),
            ({"optional": "maybe"}, "Choose what being optional means"),
            ({"parent": "c999999"}, "Choose the group"),
            ({"target": "999999"}, "no such"),
            ({"target": "9" * 60}, "no such"),
            ({"kind": "stage"}, "no such part"),
            ({"kind": "secret"}, "no such part"),
            ({"kind": "group", "target": ""}, "This group has no parts"),
            ({"drop": "two"}, "is not a number of parts"),
            ({"minimum": "half"}, "no weight"),
            ({"cap": "0"}, "no greatest value"),
            ({"cap": "1/2"}, "no greatest value"),
            ({"cap": "1000"}, "no greatest value"),
        ],
    )
    def test_what_cannot_be_meant_is_said_at_its_row(self, course, change, said):
        draft = read_draft(changed(stored_rows(course), "Exam", **change), course)

        (problem,) = draft.problems.values()
        assert said in problem

    def test_a_group_cannot_hang_on_itself(self, course):
        rows = stored_rows(course)
        key = next(row["key"] for row in rows if row["name"] == "Assignments")

        draft = read_draft(changed(rows, "Assignments", parent=key), course)

        assert set(draft.problems.values()) == {"Choose the group that it is part of."}

    def test_a_removed_group_leaves_its_parts_without_a_place(self, course):
        rows = changed(stored_rows(course), "Assignments", remove="on")

        assert list(read_draft(rows, course).problems.values()) == ["Choose the group that it is part of."]
        assert read_draft(changed(rows, "Numbers", remove="on"), course).problems == {}

    def test_an_item_of_another_course_is_not_taken(self, course):
        foreign = create_entered(course=make.make_course("other"), title="Exam")

        draft = read_draft(changed(stored_rows(course), "Exam", target=str(foreign.pk)), course)

        assert list(draft.problems.values()) == ["There is no such mark in this course."]

    def test_marks_stay_with_an_exam_that_gets_another_name(self, course):
        exam = Assignment.objects.entered().get(course=course)

        save_scheme(
            course=course, components=read_draft(changed(stored_rows(course), "Exam", name="Final"), course).components
        )

        exam.refresh_from_db()
        assert (exam.title, Assignment.objects.entered().count()) == ("Final", 1)

    def test_marks_come_back_with_an_exam_that_was_removed_and_is_added_again(self, course):
        exam = Assignment.objects.entered().get(course=course)
        without = changed(stored_rows(course), "Exam", remove="on")
        save_scheme(course=course, components=read_draft(without, course).components)
        rows = with_part(stored_rows(course), "entered:", [("entered:", "A mark")])

        again = save_scheme(
            course=course, components=read_draft(changed(rows, "", name="Exam", weight="80"), course).components
        )

        assert again.components.get(assignment__kind="entered").assignment == exam

    def test_two_marks_cannot_share_a_name(self, course):
        create_entered(course=course, title="Talk")

        draft = read_draft(changed(stored_rows(course), "Exam", name="Talk"), course)

        assert "Another mark is called that" in next(iter(draft.problems.values()))

    def test_one_name_is_one_mark_also_while_it_is_renamed(self, course):
        rows = with_part(changed(stored_rows(course), "Exam", name="Midterm"), "entered:", [("entered:", "A mark")])
        draft = read_draft(changed(rows, "", name="Exam", weight="0"), course)

        saved = save_scheme(course=course, components=draft.components)

        named = {
            c.name: c.assignment.title
            for c in saved.components.filter(assignment__kind="entered").select_related("assignment")
        }
        assert named == {"Midterm": "Midterm", "Exam": "Exam"}

    def test_names_of_marks_can_be_swapped(self, course):
        rows = with_part(stored_rows(course), "entered:", [("entered:", "A mark")])
        save_scheme(course=course, components=read_draft(changed(rows, "", name="Talk", weight="0"), course).components)
        exam = Assignment.objects.get(title="Exam")
        rows = changed(changed(changed(stored_rows(course), "Exam", name="-"), "Talk", name="Exam"), "-", name="Talk")

        save_scheme(course=course, components=read_draft(rows, course).components)

        exam.refresh_from_db()
        assert exam.title == "Talk"

    def test_a_new_part_of_that_name_shares_the_mark_that_gets_it(self, course):
        rows = with_part(changed(stored_rows(course), "Exam", name="Final"), "entered:", [("entered:", "A mark")])
        draft = read_draft(changed(rows, "", name="Final", weight="0"), course)

        saved = save_scheme(course=course, components=draft.components)

        assert len(set(saved.components.filter(assignment__kind="entered").values_list("assignment", flat=True))) == 1

    def test_dropping_and_counting_the_best_cannot_both_be(self, course):
        draft = read_draft(changed(stored_rows(course), "Assignments", drop="1", best="1"), course)

        assert "Drop the lowest or count the best, not both." in draft.problems.values()

    @pytest.mark.parametrize("posted", [{}, {"x-kind": "group"}, {"new1-kind": "entered", "new1-name": "x"}])
    def test_a_form_without_the_course_is_read_as_an_empty_one(self, course, posted):
        assert [row["key"] for row in typed_rows(posted)] == ["root"]

    @pytest.mark.parametrize("text", ["0" * 5000, "000099999", "٣", "1.5"])
    def test_a_number_of_parts_is_small(self, course, text):
        draft = read_draft(changed(stored_rows(course), "Assignments", drop=text), course)

        assert "is not a number of parts" in next(iter(draft.problems.values()))

    def test_what_is_no_part_is_not_added(self, course):
        rows = stored_rows(course)

        assert with_part(rows, "assignment:1; drop", [("group:", "A group")]) == rows

    def test_distributing_fills_the_empty_weights_of_one_group(self, course):
        rows = with_part(changed(stored_rows(course), "Exam", weight=""), "entered:", [("entered:", "A mark")])

        assert distribute(rows, "root") == ""
        assert [row["weight"] for row in rows if row["parent"] == "root"] == ["20", "40", "40"]

    def test_distributing_without_an_empty_weight_says_what_to_do(self, course):
        assert "Empty the weights" in distribute(stored_rows(course), "root")

    def test_balances_show_shares_of_the_course_and_what_is_left(self, course):
        draft = read_draft(changed(stored_rows(course), "Exam", weight="70"), course)

        lines = [(line.component.name, line.depth, line.share, line.left) for line in balances(draft.components)]
        assert lines == [
            ("Course", 0, Fraction(90), "Course: the parts sum to 90, 10 are left."),
            ("Assignments", 1, Fraction(20), ""),
            ("Numbers", 2, Fraction(20), ""),
            ("Exam", 1, Fraction(70), ""),
        ]


@pytest.fixture
def marked(course, world):
    """The exam: 90 for one student, 50 for the other; the assignment: 100 % for the second alone."""
    make.run_of(make.make_submission(world.assignment, world.classmate), analysis="passed")
    exam = Assignment.objects.entered().get(course=course)
    for student, percent in ((world.student, 90), (world.classmate, 50)):
        record_entered(target=exam, by=world.lecturer, entries={student: Entry(D(percent), "", 0)})
    return world


@pytest.mark.django_db
class TestImpact:
    def test_the_preview_equals_the_result(self, marked):
        rows = changed(changed(stored_rows(marked.course), "Exam", weight="40"), "Assignments", weight="60")
        draft = read_draft(rows, marked.course)
        preview = scheme_impact(marked.lecturer, draft.components)
        students = [move.student for move in preview.moves]

        save_scheme(course=marked.course, components=draft.components)

        book = gradebook(marked.lecturer, students)
        assert students
        assert [row.standing for row in book.rows] == [move.after for move in preview.moves]

    def test_nobody_moves_where_nothing_changes(self, marked):
        impact = scheme_impact(marked.lecturer, read_draft(stored_rows(marked.course), marked.course).components)

        assert (impact.moves, impact.failing, impact.passing) == ([], [], [])
        assert sum(each.before for each in impact.bins) == sum(each.after for each in impact.bins) == 2

    def test_a_pass_line_says_who_falls_below_it(self, marked):
        rows = changed(stored_rows(marked.course), "Course", minimum="60")

        impact = scheme_impact(marked.lecturer, read_draft(rows, marked.course).components)

        assert impact.failing == [marked.classmate]
        assert impact.passing == []

    def test_taking_a_pass_line_away_says_who_rises(self, marked):
        with_line = changed(stored_rows(marked.course), "Course", minimum="60")
        save_scheme(course=marked.course, components=read_draft(with_line, marked.course).components)
        rows = changed(stored_rows(marked.course), "Course", minimum="")

        assert scheme_impact(marked.lecturer, read_draft(rows, marked.course).components).passing == [marked.classmate]

    def test_a_first_scheme_shows_who_would_stand_where(self, world):
        exam = create_entered(course=world.course, title="Exam")
        record_entered(target=exam, by=world.lecturer, entries={world.student: Entry(D(50), "", 0)})
        rows = with_part(stored_rows(world.course), "entered:", [("entered:", "A mark")])
        rows = changed(changed(rows, "", name="Exam", weight="100"), "Course", minimum="60")

        impact = scheme_impact(world.lecturer, read_draft(rows, world.course).components)

        assert [
            (move.student, move.before.average, move.after.average) for move in impact.moves if move.after.average
        ] == [(world.student, None, 50)]
        assert impact.failing == [world.student]

    def test_bars_are_as_tall_as_their_counts(self, marked):
        book = gradebook(marked.lecturer, [marked.student, marked.classmate])

        bins = impact_of(book, book).bins

        assert [each.low for each in bins if each.before] == [50, 90]
        assert max(each.tall_before for each in bins) == 100
        assert all(each.top_after + each.tall_after == 100 for each in bins)
