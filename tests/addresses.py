"""Every address of the product, and one of each thing that has an address."""

from datetime import timedelta

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from assignments.extensions import request_extension
from assignments.models import Assignment, Extension, ExtensionRequest, Kind, PendingReplacement, Submission
from assignments.selectors import current_notebook
from assignments.services import attach_data, create_entered
from courses.models import Announcement, Material, Rollover, RosterImport
from courses.selectors import calendar_key_of
from grading.models import RegradeRequest, Run, SecondReview, SimilarPair
from grading.services.runs import queue_check
from groups.models import Approach
from projects.ballots.services import set_vote
from projects.models import Ballot, Talk, TalkList
from projects.topics.services import propose_topic
from term.attendance.services import make_meeting
from term.models import CourseExport, Meeting
from tests import factories as make
from tests import groups

TALKS = {"groups": 3, "minutes": 10, "ranked_by": "proposal", "others": "poster"}

OF_PAPERS = {"criteria-update", "submission-page", "paper-check"}
OF_STAGES = {"contribution-list"}
CELL = dict.fromkeys(("rubric-update", "regrade-create"), "?cell=analysis")


def names_of(patterns):
    """Of every address in a tree of patterns."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_of(pattern.url_patterns)
        else:
            yield pattern.name


def _of_groups(course):
    """What the student's group handed in for the proposal."""
    paper = Submission.objects.filter(student=None).latest("pk")
    talk = {"course": course, "talk": Talk.objects.latest("pk").pk}
    approach = {"course": course, "approach": Approach.objects.latest("pk").pk}
    ballot = {"course": course, "ballot": Ballot.objects.latest("pk").pk}
    group_set = {"course": course, "group_set": paper.group.group_set.slug}
    return (
        {"course": course, "group": paper.group_id},
        group_set,
        {**group_set, "group": paper.group_id},
        {**group_set, **approach},
        talk,
        ballot,
        approach,
    )


class Addresses:
    """Of the pages about this submission, and about what `one_of_each` made beside it. Found out once."""

    def __init__(self, submission):
        self.key = calendar_key_of(submission.student.user).key
        self.choices = _choices(submission)
        exam = Assignment.objects.entered().latest("pk")
        self.entered = {"course": exam.course.slug, "assignment": exam.slug}
        essay = {**self.entered, "assignment": "essay"}
        self.stage = {**self.entered, "assignment": "proposal"}
        version = {**essay, "owner": submission.owner_slug, "number": 1}
        self.paper = (essay, version, {**version, "page": 1})

    def _choices_of(self, name: str):
        """What only one kind of thing has comes from that one."""
        if name == "calendar-feed":
            return ({"key": self.key},)
        if name in OF_PAPERS:
            return self.paper
        if name in OF_STAGES:
            return (self.stage,)
        return (self.entered,) if name.startswith("entered-") and name != "entered-list" else self.choices

    def __getitem__(self, name: str) -> str:
        """The first of the choices that fits the page with this name."""
        for arguments in self._choices_of(name):
            try:
                return reverse(name, kwargs=arguments) + CELL.get(name, "")
            except NoReverseMatch:  # the next shape of arguments may fit
                continue
        raise AssertionError(f"no arguments fit {name}")


def _choices(submission):
    course, assignment = submission.assignment.course.slug, submission.assignment.slug
    of_course = {"course": course}
    of_assignment = {**of_course, "assignment": assignment}
    of_student = {**of_assignment, "owner": submission.owner_slug}
    of_release = {**of_assignment, "student": submission.student_id}
    cell = {**of_course, "assignment": assignment, "student": submission.student_id}
    return (
        {},
        of_course,
        cell,
        {**of_course, "roster": RosterImport.objects.latest("pk").pk},
        {**of_course, "part": "topics"},
        {**of_course, "announcement": Announcement.objects.latest("pk").pk},
        {**of_course, "material": Material.objects.latest("pk").pk},
        {**of_course, "kind": "registrar"},
        {**of_course, "regrade": RegradeRequest.objects.latest("pk").pk},
        {**of_course, "person": submission.student_id},
        {**of_course, "student": submission.student_id},
        {**of_course, "export": CourseExport.objects.latest("pk").pk},
        {**of_course, "meeting": Meeting.objects.latest("pk").pk},
        of_assignment,
        {**of_assignment, "name": "points.csv"},
        {**of_assignment, "pair": SimilarPair.objects.latest("pk").pk},
        {**of_assignment, "extension": Extension.objects.latest("pk").pk},
        {**of_assignment, "asked": ExtensionRequest.objects.filter(group=None).latest("pk").pk},
        of_student,
        of_release,
        {**of_student, "number": submission.number},
        *_of_groups(course),
        {"key": "x"},
        {"uidb36": "1", "key": "x-y"},
    )


def one_of_each(world):
    """Something at every address; returns the student's submission, by which `Addresses` finds all of it."""
    made = make.make_submission(world.assignment, world.student)
    run = make.run_of(made, analysis="passed")
    Run.objects.filter(pk=run.pk).update(executed=made.file)
    make.ask_for_regrade(make.release_of(made, world.lecturer), world.student)
    PendingReplacement.objects.create(
        assignment=world.assignment, student=world.student, file=made.file, original_name="x.ipynb",
        received_at=made.received_at, completed_at=made.completed_at, handed_in_by=world.student,
    )  # fmt: skip
    later = make.DUE + timedelta(days=2)
    world.assignment.extensions.create(student=world.student, due_at=later, reason="Ill", granted_by=world.ta)
    world.assignment.extension_requests.create(
        student=world.student, asked_by=world.student, wanted_until=later, reason="Ill"
    )
    for title in ("Welcome", "Removed by a form"):
        world.course.announcements.create(author=world.lecturer, title=title, text="Hello")
    world.course.materials.create(kind="notes", title="Notes", file=made.file, file_name="notes.pdf")
    item = create_entered(course=world.course, title="Attendance")
    CourseExport.objects.create(course=world.course, asked_by=world.lecturer, state="done", file=made.file)
    make_meeting(by=world.lecturer, item=item, title="Week 1", held_on=make.DUE.date())
    Rollover.objects.create(course=world.course, source=world.stranger.course, report={"left": []})
    RosterImport.objects.create(course=world.course, read_by=world.lecturer, file_name="roster.csv")
    SecondReview.objects.create(submission=made, marker=world.ta, drawn_by=world.lecturer)
    make.similar(made, make.make_submission(world.assignment, world.classmate))
    essay = make.make_assignment(world.course, "essay", kind=Kind.PAPER, opens_at=make.DUE - timedelta(days=20))
    groups.hand_in(essay, world.student, world.student)
    _group_work(world)
    make.make_scheme(world.course, world.assignment)
    attach_data(assignment=world.assignment, by=world.lecturer, content=b"1,2\n", name="points.csv")
    checked = queue_check(notebook=current_notebook(world.assignment))
    Run.objects.filter(pk=checked.pk).update(
        state=Run.State.DONE, verdict="checked", finished_at=timezone.now(), report={"ok": True}
    )
    return made


def _group_work(world):
    """The student's group handed in, holds a late replacement, has a topic, and asked for more time."""
    stage = groups.stage_of(groups.make_project(world.course, contribution_span=10, talks=TALKS))
    owls = groups.make_group(stage.groups.project, world.student)
    paper = groups.make_deliverable(stage, owls)
    groups.make_criteria(stage)
    times = {"received_at": paper.received_at, "completed_at": paper.completed_at}
    PendingReplacement.objects.create(
        assignment=stage, group=owls, file=paper.file, original_name="x.pdf", handed_in_by=world.student, **times
    )
    propose_topic(group=owls, by=world.student, title="Leaves", text="")
    owls.approaches.create(student=world.classmate, by_group=True, made_by=world.student)
    talk_list = TalkList.objects.create(project=stage.groups.project, ranking=[], confirmed_by=world.lecturer)
    talk_list.talks.create(group=owls)
    day = timedelta(days=1)
    vote = set_vote(project=stage.groups.project, opens_at=timezone.now() - day, closes_at=timezone.now() + day)
    vote.ballots.create(student=world.student, track="talk", saved_at=timezone.now())
    request_extension(
        assignment=stage, owner=owls, by=world.student, wanted_until=stage.due_at + timedelta(days=1), reason="Ill"
    )
