"""Plain factories of projects: groups, what they handed in, and what it is marked by."""

import itertools
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from assignments.models import Assignment, Kind, Submission
from assignments.selectors import history_of
from assignments.services import receive_submission, record_talk
from courses import storage
from courses.models import Course, Enrolment
from grading.models import Criterion
from grading.selectors.grades import ItemGrade, grades_for
from grading.selectors.rubrics import questions_of
from grading.services.execution import execute_run
from grading.services.marks import NewMark, latest_marks, record_marks
from grading.services.releases import release_grades
from grading.services.runs import queue_submission
from groups.models import Group, GroupSet, Membership
from papercheck.tests.papers import made
from projects.models import PROJECT_SLUG, Project, Talk, TalkList
from projects.selectors import project_of
from tests.factories import DUE

_numbers = itertools.count(1)
PAPER = made.paper(pages=1, columns=1)
FORMAT = {"columns": 2, "content_pages": 2, "reference_pages": 1, "sections": ["Abstract", "Introduction"]}


def bare_project(course: Course, *, title="Group project", **fields) -> Project:
    """A project with its set of groups and no stage."""
    names = ("smallest_group", "largest_group", "across_sections", "contribution_span", "groups_fixed_at")
    of_groups = {name: fields.pop(name) for name in names if name in fields}
    group_set = GroupSet.objects.create(course=course, slug=PROJECT_SLUG, title=title, **of_groups)
    return Project.objects.create(course=course, group_set=group_set, title=title, **fields)


def make_stage(project: Project, slug="report", **fields) -> Assignment:
    """One more PDF that the project's groups hand in."""
    fields = {"kind": Kind.PAPER, "group_set": project.group_set, "title": slug.title(), "due_at": DUE} | fields
    return Assignment.objects.create(course=project.course, slug=slug, **fields)


def make_project(course: Course, *, due_at=DUE, **fields) -> Project:
    """Proposal, report a week later, presentation another week later."""
    project = bare_project(course, **fields)
    for place, slug in enumerate(("proposal", "report", "presentation")):
        make_stage(
            project, slug=slug, title=slug.title(), position=place, due_at=due_at + timedelta(weeks=place),
            questions=["What problem do you solve?"], format_rules=FORMAT if slug != "presentation" else {},
        )  # fmt: skip
    return project_of(course.pk)


def stage_of(project: Project, slug="proposal") -> Assignment:
    stage = project.stages.get(slug=slug)
    stage.course, stage.group_set = project.course, project.group_set
    return stage


def make_group(project: Project, *people: Enrolment, name="", section=None) -> Group:
    """As the real service would leave it, at any time."""
    name = name or f"Group {next(_numbers)}"
    section = section or people[0].sections.first()
    group = Group.objects.create(
        group_set=project.group_set, name=name, code=f"CODE{next(_numbers)}", section=section, made_by=people[0]
    )
    for seat, person in enumerate(people, start=1):
        Membership.objects.create(group=group, group_set=project.group_set, student=person, seat=seat)
    return group


def make_deliverable(stage: Assignment, group: Group, *, late=timedelta(hours=-1), by=None, content=None) -> Submission:
    """A stored version for those who are in the group, `late` after the due time; no format check is made."""
    members = [m.student for m in group.memberships.filter(left_at=None).select_related("student__user")]
    at = stage.due_at + late
    row = Submission.objects.create(
        assignment=stage,
        group=group,
        number=Submission.objects.filter(assignment=stage, group=group).count() + 1,
        file=storage.store(content or PAPER + f"%{next(_numbers)}".encode()),
        original_name="paper.pdf",
        handed_in_by=by or members[0],
        received_at=at,
        completed_at=at + timedelta(seconds=2),
        accepted_at=at + timedelta(seconds=2),
    )
    row.members.set(members)
    return row


def hand_in(
    stage: Assignment,
    group: Group | Enrolment,
    by: Enrolment,
    *,
    late=timedelta(hours=-1),
    content=PAPER,
    completed=None,
):
    """Through the real service."""
    return receive_submission(
        assignment=stage, owner=group, by=by, content=content, name="paper.pdf", received_at=stage.due_at + late,
        completed_at=completed or stage.due_at + late + timedelta(seconds=1),
    )  # fmt: skip


def looked_at(submission: Submission) -> Submission:
    """As the worker leaves a paper: checked, and its pages drawn."""
    run = queue_submission(submission=submission) or submission.runs.order_by("-pk").first()
    execute_run(run_id=run.pk)
    return submission


def make_criteria(stage: Assignment, *points: int) -> list[Criterion]:
    return [
        Criterion.objects.create(assignment=stage, text=f"Question {place}", points=Decimal(each), position=place)
        for place, each in enumerate(points or (60, 40), start=1)
    ]


def mark_group(stage: Assignment, group: Group, by: Enrolment, *points, comment="", submission=None):
    """A whole sheet, through the real service; `points` in the order of the criteria. Of who talks: the talk's."""
    history = history_of(stage, group)
    if history.speaks:
        submission = record_talk(assignment=stage, group=group, by=by, at=timezone.now())
    submission = submission or history.counting
    maxima = {question.grade_id: question.points for question in questions_of(stage)}
    marks = {key: NewMark(Decimal(str(p)), comment) for key, p in zip(maxima, points, strict=True)}
    seen = max((mark.pk for mark in latest_marks(submission).values()), default=0)
    return record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=seen)


def mark_one(submission: Submission, by: Enrolment, points, place=0):
    """One line of a sheet."""
    question = questions_of(submission.assignment)[place]
    marks, maxima = {question.grade_id: NewMark(Decimal(points), "")}, {question.grade_id: question.points}
    seen = max((mark.pk for mark in latest_marks(submission).values()), default=0)
    return record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=seen)


def make_talk(project: Project, group: Group, *, by: Enrolment) -> Talk:
    """This group talks, whatever it was marked with."""
    talk_list = TalkList.objects.create(project=project, ranking=[[group.pk, "90"]], confirmed_by=by)
    return Talk.objects.create(talk_list=talk_list, group=group)


def grade_of(stage: Assignment, student: Enrolment) -> ItemGrade:
    """What this member has of it."""
    return grades_for([stage], [student])[stage.pk, student.pk]


def total_of(stage: Assignment, student: Enrolment):
    """Out of its maximum; None while nothing of it counts for them whole."""
    grade = grade_of(stage, student).grade
    return grade.total if grade is not None and grade.is_complete else None


def release(stage: Assignment, by: Enrolment, *students: Enrolment):
    return release_grades(assignment=stage, by=by, students=students)


def soon(days=7):
    return timezone.now().replace(microsecond=0) + timedelta(days=days)
