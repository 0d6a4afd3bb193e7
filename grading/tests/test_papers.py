"""Marking groups' work: criteria, sheets, members' marks, notes on pages, and who reads what before and after a release."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from assignments.extensions import grant_extension, withdraw_extension
from grading.entered.selectors import EnteredGrade, entered_grades
from grading.entered.services import Entry, record_entered, release_entered
from grading.models import Criterion, EnteredMark, PaperMark, PaperNote
from grading.papers.selectors import feedback_for, previous_feedback, works_of
from grading.papers.services import (
    MarkingRefused,
    NewPoints,
    change_criteria,
    criteria_from_questions,
    note_on_page,
    record_paper_marks,
    remove_note,
)
from grading.policy.papers import mean_percent, member_percent, percent_of
from groups.members.selectors import groups_with_members
from tests import groups
from tests.pages import as_person, words_of

D = Decimal
HOUR = timedelta(hours=1)
STAGE = "/courses/dl/project/stages/proposal/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def criteria(stage):
    return groups.make_criteria(stage, 60, 40)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


@pytest.fixture
def paper(stage, owls):
    return groups.make_deliverable(stage, owls)


def work_of(stage, group, talks=frozenset()):
    return works_of(stage, groups_with_members([group]), talks)[0]


def grade_of(stage, student) -> EnteredGrade:
    found = entered_grades(stage.course, [student])
    return found.get((stage.pk, student.pk), EnteredGrade())


class TestRules:
    def test_percent_of_a_sheet(self):
        assert percent_of({1: D(45), 2: D(40)}, {1: D(60), 2: D(40)}) == 85
        assert percent_of({1: D(45)}, {1: D(60), 2: D(40)}) is None
        assert percent_of({}, {}) is None
        assert percent_of({1: D(1), 2: D(1)}, {1: D(3), 2: D(4)}) == Fraction(200, 7)

    def test_several_markers_count_their_mean_over_whole_sheets(self):
        worth = {1: D(10)}
        assert mean_percent([{1: D(9)}, {1: D(8)}, {}], worth) == 85
        assert mean_percent([{}], worth) is None

    @given(st.fractions(0, 100), st.decimals(0, 2, places=2))
    def test_a_members_mark_lies_within_the_scale(self, percent, factor):
        assert 0 <= member_percent(percent, factor) <= 100
        assert abs(member_percent(percent) - D(percent.numerator) / D(percent.denominator)) <= D("0.00005")


@pytest.mark.django_db
class TestMarking:
    def test_members_marks_follow_when_the_sheet_is_whole(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40)

        marks = EnteredMark.objects.all()
        assert {(m.student, m.percent, m.group, m.received_at) for m in marks} == {
            (world.student, D(85), owls, paper.received_at),
            (world.classmate, D(85), owls, paper.received_at),
        }
        assert grade_of(stage, world.student).grade.total == 85
        assert work_of(stage, owls).state == "marked"

    def test_half_a_sheet_gives_nobody_a_mark(self, world, stage, criteria, owls, paper):
        work = work_of(stage, owls)
        record_paper_marks(work=work, by=world.ta, marks={criteria[0]: NewPoints(D(45))}, seen=0)

        assert not EnteredMark.objects.exists()
        assert work_of(stage, owls).state == "begun"

    def test_the_late_factor_and_more_time_of_the_group_reach_its_members(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert grade_of(stage, world.student).grade.total == 70

        granted = grant_extension(
            assignment=stage, group=owls, by=world.ta, due_at=stage.due_at + 48 * HOUR, reason="Ill."
        )
        assert grade_of(stage, world.student).grade.total == 100
        release_entered(target=stage, by=world.lecturer)
        withdraw_extension(extension=granted, by=world.ta, reason="Not ill.")
        assert grade_of(stage, world.student).grade.total == 70
        assert grade_of(stage, world.student).shown.total == 100

    def test_a_due_time_that_moves_after_the_release_moves_nothing_shown(self, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        release_entered(target=stage, by=world.lecturer)

        stage.due_at += timedelta(days=7)
        stage.save()

        assert (grade_of(stage, world.student).shown.total, grade_of(stage, world.student).grade.total) == (70, 100)

    def test_marking_again_adds_and_never_edits(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40)
        groups.mark_group(stage, owls, world.ta, 45, 40)
        assert (PaperMark.objects.count(), EnteredMark.objects.count()) == (2, 2)

        groups.mark_group(stage, owls, world.lecturer, 50, 40)

        assert (PaperMark.objects.count(), EnteredMark.objects.count()) == (3, 4)
        assert grade_of(stage, world.student).grade.total == 90
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            PaperMark.objects.update(points=1)

    def test_who_has_a_mark_by_hand_keeps_it_and_is_named(self, world, stage, criteria, owls, paper):
        entry = Entry(D(20), None, "Did nothing.", 0)
        record_entered(target=stage, by=world.lecturer, entries={world.classmate: entry})

        kept = groups.mark_group(stage, owls, world.ta, 60, 40)

        assert kept == [world.classmate]
        assert grade_of(stage, world.classmate).grade.total == 20
        assert grade_of(stage, world.student).grade.total == 100

    def test_a_mark_belongs_to_a_version(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40)
        groups.make_deliverable(stage, owls, late=HOUR)

        work = work_of(stage, owls)
        assert (work.state, work.percent) == ("changed", None)
        assert grade_of(stage, world.student).grade.total == 85
        groups.mark_group(stage, owls, world.ta, 60, 40)
        assert grade_of(stage, world.student).grade.total == 90

    def test_what_others_marked_meanwhile_is_not_lost(self, world, stage, criteria, owls, paper):
        work = work_of(stage, owls)
        groups.mark_group(stage, owls, world.ta, 45, 40)

        with pytest.raises(MarkingRefused, match="Somebody else has marked"):
            record_paper_marks(work=work, by=world.lecturer, marks={criteria[0]: NewPoints(D(1))}, seen=0)
        stale = work_of(stage, owls)
        groups.make_deliverable(stage, owls, late=HOUR)
        with pytest.raises(MarkingRefused, match="another version"):
            record_paper_marks(work=stale, by=world.ta, marks={criteria[0]: NewPoints(D(1))}, seen=0)
        with pytest.raises(MarkingRefused, match="between 0 and"):
            groups.mark_group(stage, owls, world.ta, 61, 40)

    def test_a_talk_counts_the_mean_of_its_markers(self, world, stage, criteria, owls):
        talks = frozenset([owls.pk])
        groups.mark_group(stage, owls, world.ta, 60, 30, talks=talks)
        groups.mark_group(stage, owls, world.lecturer, 50, 40, talks=talks)
        groups.mark_group(stage, owls, world.lecturer, 50, 20, talks=talks)

        assert work_of(stage, owls, talks).percent == 80
        assert grade_of(stage, world.student).grade.total == 80
        assert grade_of(stage, world.student).mark.received_at is None


@pytest.mark.django_db
class TestCriteria:
    def test_the_questions_are_proposed_and_share_eighty_points(self, stage):
        stage.questions = ["One?", "Two?", "Three?"]

        rows = criteria_from_questions(stage)

        assert [row[1] for row in rows] == ["One?", "Two?", "Three?", "Writing, figures and format"]
        assert [row[2] for row in rows] == [26, 26, 26, 22]

    def test_a_line_with_marks_whose_points_change_begins_anew(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40)
        first, second = criteria

        change_criteria(
            stage=stage, wanted=[(first.pk, "Renamed", D(60)), (second.pk, "Smaller", D(20))], by=world.lecturer
        )

        there = list(Criterion.objects.filter(retired_at=None))
        assert [(c.text, c.points, c.pk == first.pk) for c in there] == [("Renamed", 60, True), ("Smaller", 20, False)]
        assert work_of(stage, owls).state == "begun"

    def test_the_database_wants_points(self, stage):
        with pytest.raises(IntegrityError), transaction.atomic():
            Criterion.objects.create(assignment=stage, text="x", points=0)

    def test_the_page(self, client, world, stage):
        page = f"/courses/{world.course.slug}/assignments/{stage.slug}/criteria/"
        proposed = as_person(client, world.lecturer).get(page)
        assert "Nothing is kept until you save." in words_of(proposed)

        bad = client.post(page, {"text-0": "Novel", "points-0": "none"})
        assert bad.status_code == 422
        assert 'value="Novel"' in bad.content.decode()
        client.post(
            page,
            {"text-0": "Novel", "points-0": "30", "text-1": "", "points-1": "", "text-2": "Clear", "points-2": "70"},
        )
        assert [(c.text, c.points) for c in Criterion.objects.all()] == [("Novel", 30), ("Clear", 70)]
        assert client.post(page, {}).status_code == 422


@pytest.mark.django_db
class TestReading:
    def test_members_read_nothing_before_the_release_and_what_stood_then_after_it(
        self, world, stage, criteria, owls, paper
    ):
        groups.mark_group(stage, owls, world.ta, 45, 40, comment="Good.")
        note = note_on_page(submission=paper, by=world.ta, text="Here!", page=1, place=(10, 10, 50, 50))
        assert feedback_for(world.student, paper).rows == ()
        assert len(feedback_for(world.ta, paper).rows) == 2

        release_entered(target=stage, by=world.lecturer)
        groups.mark_group(stage, owls, world.ta, 1, 40, comment="Changed my mind.")
        note_on_page(submission=paper, by=world.ta, text="Later", page=1, place=None)
        remove_note(note=note, by=world.ta)

        shown = feedback_for(world.student, paper)
        assert [(mark.points, mark.comment) for _, mark in shown.rows] == [(45, "Good."), (40, "Good.")]
        assert [n.text for n in shown.notes] == ["Here!"]
        assert shown.percent == 85
        assert [n.text for n in feedback_for(world.ta, paper).notes] == ["Later"]

    def test_the_stage_before_stands_beside(self, world, project, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40, comment="Too wide.")
        report = groups.stage_of(project, "report")
        later = groups.make_deliverable(report, owls)

        before, version, feedback = previous_feedback(world.ta, later)

        assert (before, version, feedback.percent) == (stage, paper, 85)
        assert previous_feedback(world.ta, paper) is None

    def test_notes_belong_to_their_author(self, world, paper):
        note = note_on_page(submission=paper, by=world.ta, text="x", page=0, place=(1, 1, 5, 5))
        assert note.left is None

        with pytest.raises(MarkingRefused, match="somebody else"):
            remove_note(note=note, by=world.other_ta)
        with pytest.raises(MarkingRefused, match="Write the note"):
            note_on_page(submission=paper, by=world.ta, text="", page=1, place=None)
        remove_note(note=note, by=world.lecturer)
        with pytest.raises(IntegrityError), transaction.atomic():
            PaperNote.objects.create(submission=paper, author=world.ta, text="x", page=1, left=3)
