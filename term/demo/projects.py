"""The demo's projects by the product's own services: eight groups after their proposals, and a course in its last week."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from assignments.extensions import request_extension
from assignments.models import Assignment
from assignments.selectors import history_of
from assignments.services import Choice, confirm_replacement, receive_submission
from courses.course_file.reading import read_course_file
from courses.models import Course, Enrolment, Section
from grading.notes.services import write_note
from grading.selectors.rubrics import questions_of
from grading.services.marks import NewMark, record_marks
from grading.services.releases import release_grades
from groups.members.merging import allow_small
from groups.members.selectors import groups_of
from groups.members.services import join_group, make_group
from groups.models import Group
from groups.search.services import seek
from projects.ballots.selectors import tracks_of
from projects.ballots.services import save_ballot, set_vote
from projects.models import Project
from projects.selectors import project_of
from projects.talks.races import races
from projects.talks.services import confirm_talks, plan_talks
from projects.topics.services import propose_topic, say
from term.course_file.load import load_course
from term.demo.papers import GOOD, PLAN, REPORT, Faults, paper, poster

LAST_SLUG = "xmu-dl-2020"
BLUEPRINT = Path(__file__).resolve().parents[2] / "courses" / "blueprints" / f"{LAST_SLUG}.yaml"
TOPICS = (
    "Which leaf is it?", "Rain from one camera", "Handwriting of the library's cards", "Small models for small boats",
    "Bird calls at night", "When will the bus come?", "Stains on old photographs", "Chess without search",
)  # fmt: skip
SIZE = 3
HOUR = timedelta(hours=1)
COMMENTS = (
    "A clear question, and you say what would answer it.",
    "The plan is more than one term’s work: say what you would leave out first.",
    "Related work is listed rather than used. Which of these would you build on?",
    "Good figures; the axes need units.",
)
REPORT_MARKS = (92, 88, 81, 74, 90, 85, 80, 80)
"""Two are equal across the cut of the second section."""


def proposals_in(course: Course, students: Sequence[Enrolment], staff: Sequence[Enrolment]) -> None:
    """Week nine: proposals were due on Sunday, and every group is in another state."""
    project = _project(course)
    project.group_set.contribution_span = 10
    project.group_set.save(update_fields=["contribution_span"])
    groups = _groups(project, students[:-1])
    seek(group_set=project.group_set, by=students[-1], text="I can do plots and write; evenings are best.")
    stage = _stage(project, "proposal")
    for place, group in enumerate(groups):
        _topic(group, place, staff)
    for place, (late, faults) in enumerate(PROPOSALS):
        _hand_in(stage, groups[place], late, paper(TOPICS[place], PLAN, 2, seed=place, faults=faults))
    for place in (0, 1, 2):
        _mark(stage, groups[place], staff[1 + place % 3], (90, 72, 85)[place], place)
    release_grades(assignment=stage, by=staff[0], students=students)
    _hand_in(stage, groups[2], 20 * HOUR, paper(TOPICS[2], PLAN, 2, seed=70))
    request_extension(
        assignment=stage, owner=groups[5], by=_members(groups[5])[0], wanted_until=stage.deadline + timedelta(days=4),
        reason="The lab’s GPU was away for repair from Thursday to Sunday.",
    )  # fmt: skip
    allow_small(group=groups[7], by=staff[0], reason="One member left the course.")


PROPOSALS = (
    (-30 * HOUR, GOOD), (26 * HOUR, GOOD), (-3 * HOUR, GOOD), (-1 * HOUR, Faults(one_column=True, a4=True, by_word=True)),
    (-5 * HOUR, Faults(too_long=True)),
)  # fmt: skip
"""(lateness, faults) of the groups that handed in; the others did not."""


def last_weeks(students: Sequence[Enrolment], staff: Sequence[Enrolment]) -> Course:
    """A second course in its last week: reports are marked, one section's talks are planned, the other's are to be chosen."""
    monday = timezone.now().date() - timedelta(days=timezone.now().date().weekday())
    week_one = monday - timedelta(weeks=15)
    course = _second_course(week_one)
    sections = [course.sections.create(name=name) for name in ("Class A", "Class B")]
    people = [_enrolled(course, person, sections[place % 12 // 6]) for place, person in enumerate(students)]
    teachers = [_enrolled(course, person, sections[place % 2] if place else None) for place, person in enumerate(staff)]
    project = _project(course)
    project.talks = {**project.talks, "groups": 3, "per_section": True}
    project.save(update_fields=["talks"])
    by_section = sorted(people, key=lambda person: people.index(person) % 12 // 6)
    groups = _groups(project, by_section)
    for place, group in enumerate(groups):
        _topic(group, place, teachers, approved=True)
    for slug, sections_of, pages in (("proposal", PLAN, 2), ("report", REPORT, 5)):
        stage = _stage(project, slug)
        for place, group in enumerate(groups):
            late = 26 * HOUR if (slug, place) == ("report", 4) else -2 * HOUR
            _hand_in(stage, group, late, paper(TOPICS[place], sections_of, pages, seed=100 + place))
            _mark(stage, group, teachers[1 + place % 6], REPORT_MARKS[place] if slug == "report" else 80 + place, place)
        release_grades(assignment=stage, by=teachers[0], students=people)
    _presentations(project, groups, people, teachers[0])
    return course


def _presentations(project: Project, groups: Sequence[Group], people: Sequence[Enrolment], lecturer: Enrolment) -> None:
    """Class A knows who talks and when; posters are in; the vote is open and some have voted."""
    first, _ = races(project, list(lecturer.course.sections.all()))
    confirmed = confirm_talks(project=project, section=first.section, marks=first.marks, picked=(), by=lecturer)
    stage = _stage(project, "presentation")
    plan_talks(
        talk_list=confirmed,
        starts_at=stage.deadline.replace(hour=6, minute=0, second=0) + timedelta(days=1),
        order="random",
        seed=7,
        pause=2,
        place="B 204",
    )
    for place in (3, 4, 5, 6, 7):
        size = {"width": 594, "height": 841} if place == 3 else {}  # noqa: PLR2004  one A1, the others A0
        _hand_in(stage, groups[place], -80 * HOUR, poster(TOPICS[place], seed=place, **size))
    now = timezone.now()
    vote = set_vote(project=project, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=3))
    vote.project = project
    for turn, voter in enumerate(people[4:]):
        for track, shown in tracks_of(project).items():
            ranked = [group.pk for group in shown if voter not in _members(group)]
            ranked = ranked[::-1] if turn == 1 else ranked  # one who mixed up best and worst
            save_ballot(vote=vote, student=voter, track=track, ranked=ranked, unseen=[], at=now)


def _second_course(week_one: date) -> Course:
    content = read_course_file(BLUEPRINT.read_bytes(), week_one=week_one)
    course = load_course(content, week_one=week_one, term="in its last week")
    course.is_published = True
    course.save()
    return course


def _enrolled(course: Course, person: Enrolment, section: Section | None) -> Enrolment:
    made = Enrolment.objects.create(user=person.user, course=course, role=person.role)
    if section is not None:
        made.sections.add(section)
    return made


def _project(course: Course) -> Project:
    project = project_of(course.pk)
    if project is None:
        raise ValueError(f"{course} has no project")
    return project


def _stage(project: Project, slug: str) -> Assignment:
    stage = next(stage for stage in project.stages.all() if stage.slug == slug)
    stage.course, stage.group_set = project.course, project.group_set
    return stage


def _groups(project: Project, students: Sequence[Enrolment]) -> list[Group]:
    """Groups of three in the order given, made long before groups were fixed."""
    early = (project.group_set.locks_at or timezone.now()) - timedelta(weeks=4)
    for start in range(0, len(students), SIZE):
        first, *others = students[start : start + SIZE]
        group = make_group(group_set=project.group_set, by=first, name=f"Group {start // SIZE + 1}", now=early)
        for other in others:
            join_group(group_set=project.group_set, by=other, code=group.code, now=early)
    return groups_of(project.group_set)


def _members(group: Group) -> list[Enrolment]:
    return [
        row.student for row in group.memberships.filter(left_at=None).select_related("student__user", "student__course")
    ]


def _topic(group: Group, place: int, staff: Sequence[Enrolment], *, approved: bool = False) -> None:
    """Most are approved; one is to be discussed, one just proposed, one group has none."""
    if place == 7 and not approved:  # noqa: PLR2004  the group without one
        return
    member, *_ = _members(group)
    topic = propose_topic(group=group, by=member, title=TOPICS[place], text="We have the data and a first baseline.")
    if place == 5 and not approved:  # noqa: PLR2004  the one to be discussed
        say(topic=topic, by=staff[1], text="What would you count as a success?", state="to_discuss")
    elif place != 6 or approved:  # noqa: PLR2004  the one just proposed
        say(topic=topic, by=staff[1], text="Go ahead.", state="approved")


def _hand_in(stage: Assignment, group: Group, late: timedelta, content: bytes) -> None:
    member, *_ = _members(group)
    at = stage.deadline + late
    received = receive_submission(
        assignment=stage, owner=group, by=member, content=content, name=f"{stage.slug}.pdf", received_at=at,
        completed_at=at + timedelta(seconds=1),
    )  # fmt: skip
    if isinstance(received, Choice):
        confirm_replacement(pending=received.pending, by=member, at=at)


def _mark(stage: Assignment, group: Group, by: Enrolment, mark: int, place: int) -> None:
    """A whole sheet that makes this mark, and a note on the first page."""
    submission = history_of(stage, group).counting
    if submission is None:
        return
    maxima = {question.grade_id: question.points for question in questions_of(stage)}
    left = sum(maxima.values(), Decimal()) * mark / 100
    rest = sum(maxima.values(), Decimal())
    marks = {}
    for number, (grade_id, most) in enumerate(maxima.items()):
        rest -= most
        points = min(most, max(left - rest, (most * mark / 100).quantize(Decimal("0.5")))) if rest else left
        marks[grade_id] = NewMark(points, COMMENTS[(place + number) % len(COMMENTS)] if number % 2 == 0 else "")
        left -= points
    record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=0)
    there = {"page": 1, "left": 95, "top": 150, "width": 400, "height": 60}
    write_note(submission=submission, by=by, text="Say this in one sentence.", anchor=there)
