"""Plain factories of projects: groups, what they handed in, and what it is marked by."""

import itertools
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from assignments.models import Assignment, Kind, Submission
from assignments.services import receive_submission
from courses import storage
from courses.models import Course, Enrolment
from grading.models import Criterion
from grading.papers.selectors import works_of
from grading.papers.services import NewPoints, record_paper_marks
from groups.members.selectors import groups_with_members
from groups.models import Group, GroupSet, Membership
from papercheck.tests.papers import made
from projects.models import PROJECT_SLUG, Project
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


def make_criteria(stage: Assignment, *points: int) -> list[Criterion]:
    return [
        Criterion.objects.create(assignment=stage, text=f"Question {place}", points=Decimal(each), position=place)
        for place, each in enumerate(points or (60, 40), start=1)
    ]


def mark_group(stage: Assignment, group: Group, by: Enrolment, *points, talks=None, comment=""):
    """A whole sheet, through the real service; `points` in the order of the criteria."""
    work = works_of(stage, groups_with_members([group]), talks)[0]
    marks = {c: NewPoints(Decimal(str(p)), comment) for c, p in zip(work.criteria, points, strict=True)}
    seen = max((mark.pk for sheet in work.sheets for mark in sheet.values()), default=0)
    return record_paper_marks(work=work, by=by, marks=marks, seen=seen)


def soon(days=7):
    return timezone.now().replace(microsecond=0) + timedelta(days=days)
