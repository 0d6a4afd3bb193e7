"""Absent, deferred, exempt: what they do to totals, how they are entered, who reads them, and undoing a table."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from assignments.models import Assignment
from gradebook.policy.leaves import leaf_of
from gradebook.policy.totals import below_minimum, standing, total
from gradebook.policy.tree import Leaf, Node, Optional
from gradebook.standings.selectors import gradebook
from grading.entered.services import EnteringRefused, Entry, entry_of, record_entered, undo_last_batch
from grading.models import Mark
from grading.policy.codes import Code, code_of
from tests import entered
from tests import factories as make
from tests.pages import as_person, text_of, words_of

D = Decimal
shares = st.fractions(0, 1, max_denominator=20)


def flat(*weights: int, **more) -> Node:
    return Node("course", D(100), tuple(Node(str(n), D(weight)) for n, weight in enumerate(weights)), **more)


class TestTotals:
    @given(st.lists(st.tuples(st.integers(1, 50), shares, st.booleans()), min_size=1, max_size=6))
    def test_an_exempt_part_is_as_if_it_were_not_there(self, parts):
        """Of a scheme without groups: the mean of the others under their weights."""
        root = flat(*(weight for weight, _, _ in parts))
        marks = {str(n): Leaf(share, True, exempt) for n, (_, share, exempt) in enumerate(parts)}
        counted = [(weight, share) for weight, share, exempt in parts if not exempt]
        whole = sum(weight for weight, _ in counted)
        if whole and len(counted) < len(parts):
            expected = sum((weight * share for weight, share in counted), Fraction()) / whole * 100
            assert total(root, marks) == expected
            assert standing(root, marks).average == expected

    @given(st.lists(st.tuples(shares | st.none(), st.booleans()), min_size=2, max_size=5))
    def test_the_final_total_lies_in_the_range_whatever_is_exempt(self, parts):
        root = flat(*[100 // len(parts)] * (len(parts) - 1), 100 - 100 // len(parts) * (len(parts) - 1))
        marks = {str(n): Leaf(share, share is not None, exempt) for n, (share, exempt) in enumerate(parts)}
        now = standing(root, marks)
        done = {
            key: leaf if leaf.share is not None else Leaf(Fraction(1, 2), True, leaf.exempt)
            for key, leaf in marks.items()
        }
        assert now.lowest <= total(root, done) <= now.highest

    def test_a_group_of_which_all_is_exempt_leaves_its_weight_to_the_rest(self):
        group = Node("group", D(40), (Node("a", D(50)), Node("b", D(50))))
        root = Node("course", D(100), (group, Node("exam", D(60))))
        marks = {"a": Leaf(exempt=True), "b": Leaf(exempt=True), "exam": Leaf(Fraction(3, 4), True)}
        assert total(root, marks) == 75
        assert standing(root, marks).highest == 75

    def test_one_of_a_group_leaves_its_weight_within_the_group(self):
        group = Node("group", D(40), (Node("a", D(50)), Node("b", D(50))))
        root = Node("course", D(100), (group, Node("exam", D(60))))
        marks = {"a": Leaf(exempt=True), "b": Leaf(Fraction(1), True), "exam": Leaf(Fraction(0), True)}
        assert total(root, marks) == 40

    def test_everything_exempt_is_nothing_and_breaks_nothing(self):
        found = standing(flat(50, 50), {"0": Leaf(exempt=True), "1": Leaf(exempt=True)})
        assert (found.earned, found.average, found.lowest, found.highest) == (0, None, 0, 0)

    def test_what_one_is_exempt_from_is_not_the_lowest_that_is_dropped(self):
        root = Node("course", D(100), tuple(Node(str(n), D(25)) for n in range(4)), drop=1)
        marks = {str(n): Leaf(Fraction(n, 10), True) for n in range(1, 4)} | {"0": Leaf(exempt=True)}
        assert total(root, marks) == 25  # of 10, 20 and 30 the 10 is dropped

    def test_an_optional_part_one_is_exempt_from_was_not_handed_in(self):
        group = Node("homework", D(20), (Node("a", D(100)),), Optional.REDISTRIBUTE)
        root = Node("course", D(100), (group, Node("exam", D(80))))
        assert total(root, {"a": Leaf(exempt=True), "exam": Leaf(Fraction(1), True)}) == 100

    def test_a_minimum_is_judged_on_what_counts(self):
        group = Node("lab", D(100), (Node("a", D(50)), Node("b", D(50))), minimum=D(50))
        root = Node("course", D(100), (group,))
        marks = {"a": Leaf(exempt=True), "b": Leaf(Fraction(6, 10), True)}
        assert below_minimum(root, marks) == []
        assert below_minimum(root, {**marks, "b": Leaf(Fraction(4, 10), True)}) == ["lab"]
        assert below_minimum(root, dict.fromkeys("ab", Leaf(exempt=True))) == []

    def test_absent_is_0_and_deferred_is_open(self):
        root = flat(50, 50)
        known = {"0": Leaf(Fraction(1), True)}
        absent = standing(root, {**known, "1": leaf_of(Code.ABSENT, None, handed_in=False)})
        deferred = standing(root, {**known, "1": leaf_of(Code.DEFERRED, None, handed_in=False)})
        assert (absent.average, absent.highest) == (50, 50)
        assert (deferred.average, deferred.lowest, deferred.highest) == (100, 50, 100)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("absent", "absent"), (" ABS ", "absent"), ("缺考", "absent"), ("Deferred", "deferred"), ("def", "deferred"),
        ("EX", "exempt"), ("excused", "exempt"), ("免修", "exempt"), ("", ""), ("75", ""), ("absently", ""),
    ],
)  # fmt: skip
def test_words_are_read_as_people_write_them(text, code):
    assert code_of(text) == code


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


def enter(target, world, **given):
    """`student=75` or `classmate="exempt"`, all in one save."""
    entries = {}
    for name, value in given.items():
        person = getattr(world, name)
        code = code_of(str(value))
        entries[person] = Entry(
            None if code or value is None else D(value), "", entry_of(entered.newest(target, person)).seen, code
        )
    return record_entered(target=target, by=world.lecturer, entries=entries)


@pytest.mark.django_db
class TestEntering:
    def address(self, exam):
        return f"/courses/dl/marks/{exam.slug}/"

    @pytest.mark.parametrize(("word", "percent"), [("absent", 0), ("deferred", None), ("exempt", None)])
    def test_a_word_is_typed_where_the_mark_would_be_and_stands_there_again(self, client, world, exam, word, percent):
        key = world.student.pk
        form = {f"percent-{key}": word.title(), f"note-{key}": "", f"seen-{key}": "0"}
        as_person(client, world.lecturer).post(self.address(exam), form)

        mark = Mark.objects.get()
        assert (mark.code, mark.points) == (word, percent)
        page = text_of(client.get(self.address(exam)))
        assert f'name="percent-{key}" value="{word}"' in page
        again = client.post(self.address(exam), {**form, f"seen-{key}": mark.pk}, follow=True)
        assert "0 marks saved" in words_of(again)

    def test_a_pasted_table_may_have_words(self, client, world, exam):
        form = {"load": "1", "pasted": "student\tabsent\nclassmate\t64\n", "out_of": "100"}
        page = as_person(client, world.lecturer).post(self.address(exam), form)
        assert "2 marks read and not saved yet" in words_of(page)
        assert 'value="absent"' in page.content.decode()

    def test_a_number_and_a_word_together_cannot_be_stored(self, world, exam):
        hangs_on = entered.enter(exam, world.lecturer, world.student, 50).submission
        for code, percent in (("exempt", 50), ("absent", 50), ("absent", None), ("gone", None)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Mark.objects.create(
                    submission=hangs_on, grade_id="mark", marker=world.lecturer, code=code, points=percent
                )

    def test_a_student_reads_it_once_it_is_released_and_as_it_was(self, client, world, exam):
        enter(exam, world, student="exempt")
        as_person(client, world.student)
        assert "Exempt" not in words_of(client.get("/courses/dl/grades/"))
        entered.release(exam, world.lecturer)
        assert "Exempt: does not count, its weight goes to the rest" in words_of(client.get("/courses/dl/grades/"))

        enter(exam, world, student="absent")

        assert "Exempt" in words_of(client.get("/courses/dl/grades/"))
        assert gradebook(world.lecturer, [world.student]).rows[0].cells[-1].code == "absent"

    def test_standing_under_each_word(self, world, exam):
        for value, average, highest in (
            (80, 80, 84),
            ("absent", 0, 20),
            ("deferred", None, 100),
            ("exempt", None, 100),
        ):
            enter(exam, world, student=value)
            found = gradebook(world.lecturer, [world.student]).rows[0].standing
            assert (found.average, found.highest) == (average, highest)

    def test_a_word_alone_can_be_released_and_is_said_to_wait(self, client, world, exam):
        enter(exam, world, student=50)
        entered.release(exam, world.lecturer)
        enter(exam, world, student="exempt")
        as_person(client, world.lecturer)

        assert "Release" in words_of(client.get("/courses/dl/marks/")).partition("Exam")[2]
        assert "its weight goes to the rest, not released" in words_of(client.get(self.address(exam)))
        client.post(f"/courses/dl/assignments/{exam.slug}/release/")

        assert "not released" not in words_of(client.get(self.address(exam)))
        assert "Exempt" in words_of(as_person(client, world.student).get("/courses/dl/grades/"))


@pytest.mark.django_db
class TestUndo:
    def test_what_was_saved_together_is_undone_together(self, client, world, exam):
        enter(exam, world, student=50)
        enter(exam, world, student=70, classmate="exempt")

        page = as_person(client, world.lecturer).post(f"/courses/dl/marks/{exam.slug}/undo/", follow=True)

        assert "2 marks put back as before the last save." in words_of(page)
        assert entered.newest(exam, world.student).points == 50
        assert entered.newest(exam, world.classmate).is_taken_back
        assert Mark.objects.count() == 5

    def test_undoing_is_not_undone(self, client, world, exam):
        enter(exam, world, student=50)
        undo_last_batch(target=exam, by=world.lecturer)

        with pytest.raises(EnteringRefused, match="nothing to undo"):
            undo_last_batch(target=exam, by=world.lecturer)
        assert "Undo the last save" not in words_of(
            as_person(client, world.lecturer).get(f"/courses/dl/marks/{exam.slug}/")
        )

    def test_what_somebody_saved_since_the_page_was_opened_is_not_undone(self, client, world, exam):
        enter(exam, world, student=50)
        batch = Mark.objects.get().batch
        enter(exam, world, classmate=60)

        page = as_person(client, world.lecturer).post(
            f"/courses/dl/marks/{exam.slug}/undo/", {"batch": batch}, follow=True
        )

        assert "Lecturer has saved marks since you opened the page." in words_of(page)
        assert Mark.objects.count() == 2

    def test_nothing_entered_cannot_be_undone(self, client, world, exam):
        page = as_person(client, world.lecturer).post(f"/courses/dl/marks/{exam.slug}/undo/", follow=True)
        assert "There is nothing to undo." in words_of(page)

    def test_a_mark_that_was_changed_since_is_not_overwritten(self, world, exam):
        """Two saved at once by two people: the later one is the last, and it is the one that is undone."""
        enter(exam, world, student=50, classmate=60)
        enter(exam, world, student=55)

        assert undo_last_batch(target=exam, by=world.lecturer) == 1
        assert [entered.newest(exam, s).points for s in (world.student, world.classmate)] == [50, 60]
