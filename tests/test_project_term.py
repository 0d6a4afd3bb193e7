"""The project of both Xiamen courses with 45 groups across two sections, from groups to marks equal to hand-worked ones.

Everything goes through the product's own services; the marks to come out are reckoned here a second way, in plain fractions,
and for some groups written down as figures.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import timezone

from assignments.models import Assignment
from assignments.selectors import entered_of
from courses.course_file.reading import read_course_file
from courses.models import Role
from gradebook.standings.selectors import gradebook
from grading.papers.services import change_criteria
from grading.selectors.queues import submissions_in_reach
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from groups.members.services import join_group, make_group
from groups.models import Group
from projects.ballots.peer_marks import enter_peer_marks
from projects.ballots.selectors import outcomes, tracks_of
from projects.ballots.services import save_ballot, set_vote
from projects.models import Vote
from projects.selectors import project_of
from projects.talks.races import races
from projects.talks.selectors import speaking
from projects.talks.services import TalksRefused, confirm_talks, plan_talks
from projects.topics.services import propose_topic, say
from term.course_file.load import load_course
from tests import entered, groups
from tests import factories as make

pytestmark = pytest.mark.django_db
BLUEPRINTS = Path(__file__).resolve().parents[1] / "courses" / "blueprints"
HOUR = timedelta(hours=1)
GROUPS, SIZE = 45, 4
LATE = (-30, -1, 2, 26, 80)
FACTORS = {-30: "1", -1: "1", 2: "0.9", 26: "0.7", 80: "0.5"}
TIED = (8, 9, 10)
"""Groups whose reports have one mark across the cut: two of three talk."""


class Term:
    """A course from its blueprint with two sections, their TAs, and 45 groups; in 2025 every fifth mixes the sections."""

    def __init__(self, blueprint):
        week_one = date(2026, 9, 7)
        content = read_course_file((BLUEPRINTS / f"{blueprint}.yaml").read_bytes(), week_one=week_one)
        self.course = load_course(content, week_one=week_one, lecturer=make.make_user())
        self.lecturer = self.course.enrolments.select_related("user", "course").get()
        names = [section.name for section in self.course.sections.all()]
        for name in ("One", "Two")[len(names) :]:
            self.course.sections.create(name=name)
        self.sections = list(self.course.sections.order_by("pk"))[:2]
        self.tas = [make.enrol(self.course, Role.TA, section=section) for section in self.sections]
        self.project = project_of(self.course.pk)
        self.groups = [self._group(number) for number in range(GROUPS)]
        self.numbers = {group.pk: number for number, group in enumerate(self.groups)}

    def _group(self, number):
        """By the real services, long before groups are fixed."""
        early = self.project.group_set.locks_at - timedelta(days=20)
        mixes = self.project.group_set.across_sections and number % 5 == 4
        people = [
            make.enrol(self.course, section=self.sections[(number + (seat if mixes else 0)) % 2])
            for seat in range(SIZE)
        ]
        group = make_group(group_set=self.project.group_set, by=people[0], name=f"Group {number + 1:02d}", now=early)
        for person in people[1:]:
            join_group(group_set=self.project.group_set, by=person, code=group.code, now=early)
        return group

    def stage(self, slug):
        return groups.stage_of(self.project, slug)

    def members(self, group):
        rows = (
            group.memberships.filter(left_at=None).select_related("student__user", "student__course").order_by("seat")
        )
        return [row.student for row in rows]

    def queue(self, group):
        """The first TA in whose queue the group is: one of its members' sections."""
        return self.tas[self.sections.index(group.section)]


def proposal_of(number):
    return 60 + number % 40


def report_of(number):
    """Falling, with three equal ones across the cut at ten."""
    return 80 if number in TIED else 98 - number * 2 if number < 8 else 75 - number % 30


def late_of(number):
    return LATE[number % len(LATE)]


def last_of(number):
    return 70 + number % 30


def through_the_term(term):
    """Topics, proposals, reports, talks and posters, all marked by whoever has them in their queue."""
    for number, group in enumerate(term.groups):
        topic = propose_topic(group=group, by=term.members(group)[0], title=f"Topic {number}", text="")
        say(topic=topic, by=term.queue(group), text="", state="approved")
    for slug, mark_of in (("proposal", proposal_of), ("report", report_of)):
        stage = term.stage(slug)
        change_criteria(assignment=stage, wanted=[(0, "Form", Decimal(60)), (0, "Content", Decimal(40))])
        for number, group in enumerate(term.groups):
            late = late_of(number) if slug == "report" else -1
            groups.make_deliverable(stage, group, late=late * HOUR)
            mark_in_two(stage, group, term.queue(group), mark_of(number))
    choose_talks(term)
    last = term.stage("presentation")
    change_criteria(assignment=last, wanted=[(0, "All", Decimal(100))])
    talks = speaking(term.project)
    for number, group in enumerate(term.groups):
        if group.pk in talks:
            for by, shift in ((term.lecturer, 1), (term.tas[0], -1)):  # the mean of two markers
                groups.mark_group(last, group, by, last_of(number) + shift)
        else:
            groups.make_deliverable(last, group)
            groups.mark_group(last, group, term.queue(group), last_of(number))


def mark_in_two(stage, group, by, mark):
    """A sheet of 60 and 40 points that makes this mark."""
    first = min(60, mark)
    groups.mark_group(stage, group, by, first, mark - first)


def choose_talks(term):
    """Ten of 45; three are equal at the cut, where two places are left: the lecturer says who, and why."""
    (race,) = races(term.project, term.sections)
    assert {term.numbers[key] for key in race.selection.tied} == set(TIED)
    assert race.selection.seats == 2
    with pytest.raises(TalksRefused, match="2 places are left"):
        confirm_talks(project=term.project, section=None, marks=race.marks, picked=(), by=term.lecturer)
    picked = {term.groups[8].pk, term.groups[10].pk}
    made = confirm_talks(
        project=term.project,
        section=None,
        marks=race.marks,
        picked=picked,
        by=term.lecturer,
        reason="Variety of topics.",
    )
    plan_talks(talk_list=made, starts_at=term.stage("presentation").due_at, order="topic", seed=1)
    assert {term.numbers[key] for key in speaking(term.project)} == {*range(9), 10}


def release(term, *slugs):
    students = [student for group in term.groups for student in term.members(group)]
    for slug in slugs:
        release_grades(assignment=term.stage(slug), by=term.lecturer, students=students)


def cells_of(term, student):
    book = gradebook(student, [student])
    (row,) = book.rows
    return {
        column.component.name: cell.share for column, cell in zip(book.columns, row.cells, strict=True)
    }, row.standing


def hand_worked(number, *, discounts=True):
    """Proposal, report with its factor, presentation: of 1. The course of 2020 has no late rule."""
    report = Fraction(report_of(number), 100) * (Fraction(FACTORS[late_of(number)]) if discounts else 1)
    return Fraction(proposal_of(number), 100), report, Fraction(last_of(number), 100)


def test_xmu_2025():
    term = Term("xmu-dl-2025")
    through_the_term(term)
    release(term, "proposal", "report", "presentation")

    for number, group in enumerate(term.groups):
        proposal, report, last = hand_worked(number)
        for student in term.members(group):
            cells, standing = cells_of(term, student)
            assert (cells["Proposal"], cells["Report"], cells["Presentation or poster"]) == (proposal, report, last), (
                number
            )
            # nobody handed in an assignment: they are optional, so the project is all
            assert standing.earned == 20 * proposal + 60 * report + 20 * last, number
    figures = {0: "84.8", 2: "77.56", 3: "65.84", 4: "54.6", 10: "78"}
    for number, total in figures.items():
        _, standing = cells_of(term, term.members(term.groups[number])[0])
        assert standing.earned == Fraction(total), number


def test_the_worked_group_of_2025():
    """Proposal 90, report 85 handed in 26 h late (× 0.7), poster 88: 71.30."""
    term = Term("xmu-dl-2025")
    group = term.groups[0]
    for slug, mark, late in (("proposal", 90, -1), ("report", 85, 26), ("presentation", 88, -1)):
        stage = term.stage(slug)
        change_criteria(assignment=stage, wanted=[(0, "Form", Decimal(60)), (0, "Content", Decimal(40))])
        groups.make_deliverable(stage, group, late=late * HOUR)
        mark_in_two(stage, group, term.queue(group), mark)
    release(term, "proposal", "report", "presentation")

    for student in term.members(group):
        assert cells_of(term, student)[1].earned == Fraction("71.30")


def peers_vote(term):
    """Everybody ranks all groups of both tracks by their number, so the first is best on every ballot; their own left out."""
    vote = set_vote(project=term.project, opens_at=timezone.now() - HOUR, closes_at=timezone.now() + HOUR)
    vote.project = term.project
    tracks = tracks_of(term.project)
    for group in term.groups:
        student = term.members(group)[0]
        for track, members in tracks.items():
            ranked = [each.pk for each in members if each.pk != group.pk]
            save_ballot(vote=vote, student=student, track=track, ranked=ranked, unseen=[], at=timezone.now())
    for group in term.groups[:12]:  # the larger of 5 and 30 % of 180 is 54
        student = term.members(group)[1]
        for track, members in tracks.items():
            ranked = [each.pk for each in members if each.pk != group.pk]
            save_ballot(vote=vote, student=student, track=track, ranked=ranked, unseen=[], at=timezone.now())
    return vote


def test_xmu_2020():
    term = Term("xmu-dl-2020")
    assert not term.project.group_set.across_sections
    through_the_term(term)
    vote = peers_vote(term)
    by_track = {outcome.track: outcome for outcome in outcomes(term.project, vote)}
    assert [(len(o.groups), o.quorum.needed, o.quorum.ballots, o.quorum.is_met) for o in by_track.values()] == [
        (10, 54, 57, True), (35, 54, 57, True),
    ]  # fmt: skip
    Vote.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    vote.refresh_from_db()
    vote.project = term.project
    item = next(item for item in entered_of(term.course) if item.title == "Peer ranking")
    assert enter_peer_marks(project=term.project, vote=vote, item=item, by=term.lecturer) == GROUPS * SIZE
    release(term, "proposal", "report", "presentation")
    entered.release(item, term.lecturer)

    for outcome in by_track.values():
        ordered = sorted(term.numbers[group.pk] for group in outcome.groups)
        step = Fraction(40, len(ordered) - 1)
        for rank, number in enumerate(ordered):
            proposal, report, last = hand_worked(number, discounts=False)
            peer = (100 - rank * step) / 100
            shown = Fraction(round(Decimal(peer.numerator) / Decimal(peer.denominator), 6))
            for student in term.members(term.groups[number]):
                cells, _ = cells_of(term, student)
                assert (cells["Proposal"], cells["Report"], cells["By the lecturer"]) == (proposal, report, last), (
                    number
                )
                assert abs(cells["Peer ranking"] - shown) <= Fraction(1, 10**6), number


def test_the_worked_group_of_2020():
    """Exam 78, assignments 88, proposal 90, report 85, talk by lecturer 88, peers 80 → project 85.30, total 83.92."""
    term = Term("xmu-dl-2020")
    group = term.groups[0]
    student = term.members(group)[0]
    for slug, mark in (("proposal", 90), ("report", 85), ("presentation", 88)):
        stage = term.stage(slug)
        change_criteria(assignment=stage, wanted=[(0, "Form", Decimal(60)), (0, "Content", Decimal(40))])
        groups.make_deliverable(stage, group)
        mark_in_two(stage, group, term.queue(group), mark)
    release(term, "proposal", "report", "presentation")
    for name, mark in (("Final exam", 78), ("Peer ranking", 80)):
        item = Assignment.objects.get(course=term.course, title=name)
        entered.enter(item, term.lecturer, student, mark)
        entered.release(item, term.lecturer)
    for assignment in term.course.assignments.notebooks().select_related("course"):
        make.make_notebook(assignment, term.lecturer)
        submission = make.make_submission(assignment, student)
        make.run_of(submission, double="2", hidden="1")
        marks = {"analysis": NewMark(Decimal("2.28"), "")}  # 5.28 of 6 are 88
        record_marks(submission=submission, by=term.lecturer, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)
        release_grades(assignment=assignment, by=term.lecturer, students=[student])

    cells, standing = cells_of(term, student)

    assert 10 * cells["Proposal"] + 70 * cells["Report"] + 10 * cells["By the lecturer"] + 10 * cells[
        "Peer ranking"
    ] == Fraction("85.30")
    assert (standing.earned, standing.lowest, standing.highest) == (Fraction("83.92"),) * 3


def test_every_group_is_in_a_tas_queue_and_mixed_ones_in_both():
    term = Term("xmu-dl-2025")
    stage = term.stage("proposal")
    for group in term.groups:
        groups.make_deliverable(stage, group)

    queues = [{item.owner.pk for item in submissions_in_reach(ta, stage) if item.history.counting} for ta in term.tas]

    assert queues[0] | queues[1] == {group.pk for group in Group.objects.all()}
    assert {term.numbers[pk] for pk in queues[0] & queues[1]} == set(range(4, GROUPS, 5))
