"""Every policy change shows its effect first, and the preview equals the result: for every kind of change, on drawn courses."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assignments.extensions import grant_extension, withdraw_extension
from assignments.models import Assignment, Extension
from courses.models import Course, Enrolment, Role
from courses.policy.lateness import LateRule, SlipDays, Steps
from courses.services import create_late_policy
from gradebook.effects.effect import counted, rule_effect, rule_impact, tried
from gradebook.effects.impact import students_of
from gradebook.schemes.rows import in_order, read_draft, stored_rows
from gradebook.schemes.scheme import balances, save_scheme, scheme_impact
from gradebook.standings.selectors import gradebook
from tests import factories as make

LATENESS = st.integers(-10, 100)
RULES = st.one_of(
    st.just(LateRule()),
    st.builds(lambda p, f: LateRule(steps=Steps(Decimal(p), Decimal(f) / 10)), st.integers(1, 50), st.integers(0, 9)),
    st.builds(lambda d: LateRule(beyond=Decimal("0.5"), slip_days=SlipDays(d, d)), st.integers(1, 4)),
    st.builds(lambda d: LateRule(cut_off_days=d), st.integers(1, 4)),
)
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Drawn:
    """A course whose students handed in so many hours after the due time."""

    course: Course
    lecturer: Enrolment
    assignment: Assignment
    students: list[Enrolment]


def drawn(hours) -> Drawn:
    course = make.make_course()
    lecturer = make.enrol(course, Role.LECTURER)
    assignment = make.make_assignment(course)
    make.make_notebook(assignment, lecturer)
    make.make_scheme(course, assignment)
    students = [make.enrol(course) for _ in hours]
    for student, late in zip(students, hours, strict=True):
        make.run_of(make.make_submission(assignment, student, late=timedelta(hours=late)), analysis="passed")
    return Drawn(course, lecturer, assignment, students)


def after(moved):
    return {(move.student.pk, move.title): move.after for move in moved}


def shapes(rows):
    """Rows without their keys: each with its place, its group's name and what it says."""
    names = {row["key"]: row["name"] for row in rows}
    fields = ("kind", "name", "weight", "optional", "drop", "best", "minimum", "cap")
    return [(*(row[field] or "" for field in fields), names.get(row["parent"], "")) for row in in_order(rows)]


def now(world):
    return {(student.pk, str(work)): value for (student, work), value in counted(world.course, world.students).items()}


class TestEffects(TestCase):
    """Each example runs in a transaction of its own."""

    @QUICK
    @given(st.lists(LATENESS, min_size=1, max_size=4), RULES)
    def test_of_another_late_rule(self, hours, rule):
        world = drawn(hours)
        effect, impact = rule_effect(world.course, rule), rule_impact(world.lecturer, rule)

        create_late_policy(course=world.course, rule=rule)

        result = now(world)
        assert {key: result[key] for key in after(effect.moved)} == after(effect.moved)
        standings = {row.student.pk: row.standing for row in gradebook(world.lecturer, world.students).rows}
        assert {move.student.pk: move.after for move in impact.moves}.items() <= standings.items()

    @QUICK
    @given(st.lists(LATENESS, min_size=1, max_size=4), st.integers(1, 120))
    def test_of_an_extension_and_of_its_withdrawal(self, hours, later):
        world = drawn(hours)
        before = now(world)
        due_at = world.assignment.due_at + timedelta(hours=later)

        def grant():
            grant_extension(
                assignment=world.assignment, by=world.lecturer, due_at=due_at, reason="Ill", student=world.students[0]
            )
            return ()

        shown = tried(world.course, grant, seen="")
        assert shown.kept is (not shown.effect.moved)
        if not shown.kept:
            assert now(world) == before
            assert tried(world.course, grant, seen=shown.seen).kept
        assert after(shown.effect.moved).items() <= now(world).items()

        extension = Extension.objects.get()
        back = tried(
            world.course, lambda: withdraw_extension(extension=extension, by=world.lecturer, reason="x") or (), seen=""
        )
        assert {key for key, _ in after(back.effect.moved).items()} == set(after(shown.effect.moved))
        assert {key: before[key] for key in after(back.effect.moved)} == after(back.effect.moved)

    @QUICK
    @given(st.lists(LATENESS, min_size=1, max_size=4), st.integers(-100, 100))
    def test_of_another_due_time(self, hours, later):
        world = drawn(hours)
        due_at = world.assignment.due_at + timedelta(hours=later)

        def move():
            Assignment.objects.filter(pk=world.assignment.pk).update(due_at=due_at)
            return ()

        shown = tried(world.course, move, seen="")
        if not shown.kept:
            tried(world.course, move, seen=shown.seen)

        assert Assignment.objects.get(pk=world.assignment.pk).due_at == due_at
        assert after(shown.effect.moved).items() <= now(world).items()

    @QUICK
    @given(st.lists(LATENESS, min_size=1, max_size=4), st.integers(0, 100))
    def test_of_other_weights(self, hours, weight):
        world = drawn(hours)
        rows = [
            {**row, "weight": {"Assignments": f"{weight}", "Exam": f"{100 - weight}"}.get(row["name"], row["weight"])}
            for row in stored_rows(world.course)
        ]
        draft = read_draft(rows, world.course)
        impact = scheme_impact(world.lecturer, draft.components)

        save_scheme(course=world.course, components=draft.components)

        standings = {row.student.pk: row.standing for row in gradebook(world.lecturer, world.students).rows}
        assert {move.student.pk: move.after for move in impact.moves}.items() <= standings.items()
        assert len(impact.moves) in (0, len(students_of(world.course))) or weight in (0, 20)

    @QUICK
    @given(st.data())
    def test_saving_a_tree_and_reading_it_again_is_the_identity(self, data):
        world = drawn([])
        rows = data.draw(trees())
        draft = read_draft(rows, world.course)
        if draft.problems:
            return
        save_scheme(course=world.course, components=draft.components)

        again = stored_rows(world.course)

        assert shapes(again)[1:] == shapes(rows)[1:]
        assert [b.left for b in balances(read_draft(again, world.course).components)] == [
            b.left for b in balances(draft.components)
        ]


@st.composite
def trees(draw):
    """Rows of a tree: groups in groups, marks at the leaves."""
    blank = dict.fromkeys(("target", "optional", "drop", "best", "better_of", "minimum", "cap", "remove"), "")
    rows = [{**blank, "key": "root", "kind": "group", "name": "Course", "weight": "100", "parent": ""}]
    groups = ["root"]
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["group", "entered", "entered"]))
        row = {
            **blank, "key": f"new{number}", "kind": kind, "name": f"Part {number}", "parent": draw(st.sampled_from(groups)),
            "weight": f"{draw(st.integers(0, 100))}", "optional": draw(st.sampled_from(["no", "bonus", "zero_if_absent"])),
        }  # fmt: skip
        if kind == "group":
            groups.append(row["key"])
        rows.append(row)
    return rows


@pytest.mark.django_db
def test_an_effect_names_only_whom_it_concerns(world):
    for student in (world.student, world.classmate):
        make.make_submission(world.assignment, student, late=timedelta(hours=5))

    def grant():
        fields = {
            "assignment": world.assignment,
            "by": world.ta,
            "due_at": make.DUE + timedelta(days=1),
            "reason": "Ill",
        }
        grant_extension(**fields, student=world.student)
        return ()

    effect = tried(world.course, grant, seen="", students=[world.student]).effect

    assert [move.student for move in effect.moved] == [world.student]
    assert str(effect.moved[0].before.factor) == "0.9"


@pytest.mark.django_db
def test_the_word_for_having_seen_changes_with_what_was_seen(world):
    submission = make.make_submission(world.assignment, world.student, late=timedelta(hours=5))

    def move(hours):
        def change():
            Assignment.objects.filter(pk=world.assignment.pk).update(due_at=make.DUE - timedelta(hours=hours))
            return ()

        return tried(world.course, change, seen="").seen

    one, same, other = move(30), move(30), move(90)

    assert one == same
    assert one != other
    make.run_of(submission, analysis="passed")
    assert move(30) != one
