"""A piece of work of any kind and owner, and the people around it, for tests that go through all of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from assignments.models import Assignment, Kind, Submission
from assignments.services import (
    create_assignment,
    create_entered,
    receive_submission,
)
from courses.models import Enrolment
from grading.selectors.rubrics import questions_of
from grading.services.marks import NewMark, record_marks
from grading.services.releases import (
    release_grades,
)
from grading.services.reviews import refresh_all
from groups.members.services import join_group, make_group
from groups.models import Group, GroupSet
from papercheck.tests.papers import made
from projects.models import Project
from tests import entered, groups
from tests import factories as make
from tests.factories import DUE
from tests.pages import as_person, words_of

HOUR = timedelta(hours=1)
EARLY = DUE - timedelta(days=30)
PAPERS = [made.paper(pages=pages, columns=1) for pages in (1, 2)]
CODE = [b"print(1)\n", b"print(2)\n"]


@dataclass
class Work:
    """One assignment of a kind, whoever hands it in, and the people around it."""

    world: Any
    assignment: Assignment
    owner: Enrolment | Group
    client: Client

    @property
    def students(self) -> list[Enrolment]:
        """Everybody who has a grade by it."""
        return [self.world.student, *([self.world.classmate] if isinstance(self.owner, Group) else [])]

    @property
    def page(self) -> str:
        return f"/courses/dl/assignments/{self.assignment.slug}/"

    def address(self, submission: Submission) -> str:
        return f"{self.page}submissions/{submission.owner_slug}/{submission.number}/"

    def content(self, number: int) -> bytes:
        if self.assignment.kind == "files":
            return CODE[number]
        return PAPERS[number] if self.assignment.kind == Kind.PAPER else make.submitted(mark=f"{number}")

    def hand_in(self, number: int = 0, *, late: timedelta = -HOUR) -> Any:
        """A version, or the choice that its loss asks for."""
        at = DUE + late
        return receive_submission(
            assignment=self.assignment, owner=self.owner, by=self.world.student, content=self.content(number),
            name="work.py", received_at=at, completed_at=at,
        )  # fmt: skip

    def ready(self) -> Submission:
        """Handed in; a notebook's tests have run."""
        submission: Submission = self.hand_in()
        if self.assignment.kind == Kind.NOTEBOOK:
            make.run_of(submission)
        else:
            groups.looked_at(submission)
        refresh_all(self.assignment)
        return submission

    def marked(self, by: Enrolment | None = None) -> Submission:
        """Every question has its full points."""
        if self.assignment.kind == Kind.ENTERED:
            return entered.enter(self.assignment, self.world.lecturer, self.world.student, 100, "Clear.").submission
        submission = self.ready()
        points = {question.grade_id: question.points for question in questions_of(self.assignment)}
        marks = {key: NewMark(most, "Clear.") for key, most in points.items()}
        record_marks(submission=submission, by=by or self.world.ta, marks=marks, maxima=points, seen=0)
        return submission

    def released(self) -> Submission:
        submission = self.marked()
        release_grades(assignment=self.assignment, by=self.world.lecturer, students=self.students)
        return submission

    def read_by(self, person: Enrolment, submission: Submission) -> str:
        return words_of(as_person(self.client, person).get(self.address(submission)))


def work_of(world: Any, client: Client, kind: str, owner: str) -> Work:
    """One piece of it. `owner`: `student`, `group`, or `project`: the groups of the course's project, a stage of which it is."""
    assignment = world.assignment
    if kind == Kind.ENTERED:
        assignment = create_entered(course=world.course, title="Exam")
    elif kind != "notebook":
        draft = Assignment(
            course=world.course, slug="essay", title="Essay", kind=kind, opens_at=EARLY, due_at=DUE,
            questions=["What did you read?"],
        )  # fmt: skip
        assignment = create_assignment(draft)
    whose = world.student
    if owner in ("group", "project"):
        pairs = GroupSet.objects.create(course=world.course, slug="pairs", title="Pairs", across_sections=True)
        if owner == "project":
            Project.objects.create(course=world.course, group_set=pairs, title="Project")
        assignment.group_set = pairs
        assignment.save()
        whose = make_group(group_set=pairs, by=world.student, name="Owls", now=EARLY)
        join_group(group_set=pairs, by=world.classmate, code=whose.code, now=EARLY)
    return Work(world, assignment, whose, client)
