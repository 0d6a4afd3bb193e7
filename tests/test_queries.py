"""Pages with 1 and with 30 rows ask the database the same number of questions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Role
from grading.models import SimilarPair
from grading.services.reviews import refresh_all
from groups.search.services import seek
from projects.ballots.services import set_vote
from projects.models import TalkList
from projects.selectors import project_of
from projects.topics.services import propose_topic
from tests import factories as make
from tests import groups

pytestmark = pytest.mark.django_db
TALKS = {"groups": 3, "minutes": 10, "ranked_by": "proposal", "others": "poster"}
ASSIGNMENT = "/courses/dl/assignments/numbers/"
PAGES = (
    ("student", "/"),
    ("student", "/courses/dl/"),
    ("student", "/courses/dl/grades/"),
    ("student", "/courses/dl/syllabus/"),
    ("lecturer", "/courses/dl/setup/"),
    ("lecturer", "/courses/dl/late-rule/"),
    ("lecturer", "/courses/dl/weights/"),
    ("lecturer", "/courses/dl/setup/topics/"),
    ("lecturer", "/courses/dl/setup/calendar/"),
    ("lecturer", "/courses/dl/marks/"),
    ("student", "/courses/dl/assignments/"),
    ("student", ASSIGNMENT),
    ("ta", ASSIGNMENT + "submissions/"),
    ("ta", ASSIGNMENT + "review/"),
    ("ta", ASSIGNMENT + "submissions/{student}/1/review/"),
    ("ta", ASSIGNMENT + "rubric/?cell=analysis"),
    ("ta", "/courses/dl/gradebook/"),
    ("ta", "/courses/dl/gradebook/?sort=average&falling=on"),
    ("lecturer", "/courses/dl/gradebook/summary/"),
    ("lecturer", "/courses/dl/gradebook/columns/"),
    ("student", "/courses/dl/project/"),
    ("student", "/courses/dl/project/topics/"),
    ("student", "/courses/dl/assignments/proposal/"),
    ("ta", "/courses/dl/project/topics/"),
    ("ta", "/courses/dl/groups/project/"),
    ("ta", "/courses/dl/assignments/proposal/submissions/"),
    ("ta", "/courses/dl/assignments/proposal/review/"),
    ("ta", "/courses/dl/assignments/presentation/submissions/"),
    ("ta", "/courses/dl/assignments/proposal/extensions/"),
    ("student", "/courses/dl/project/talks/"),
    ("student", "/courses/dl/groups/project/find/"),
    ("student", "/courses/dl/project/ballot/"),
    ("ta", "/courses/dl/project/talks/day/"),
    ("ta", "/courses/dl/project/vote/"),
    ("lecturer", "/courses/dl/project/talks/choose/"),
    ("lecturer", "/courses/dl/project/contributions/proposal/"),
    ("ta", "/courses/dl/people/"),
    ("lecturer", "/courses/dl/people/"),
    ("ta", ASSIGNMENT + "extensions/"),
    ("student", ASSIGNMENT + "more-time/"),
    ("student", "/courses/dl/announcements/"),
    ("student", "/courses/dl/regrades/"),
    ("ta", "/courses/dl/regrades/"),
    ("lecturer", "/courses/dl/announcements/"),
    ("ta", "/courses/dl/"),
    ("lecturer", ASSIGNMENT + "release/"),
    ("lecturer", ASSIGNMENT + "similarity/"),
    ("lecturer", ASSIGNMENT + "marking/"),
    ("ta", ASSIGNMENT + "statistics/"),
    ("lecturer", "/courses/dl/assignments/"),
    ("lecturer", "/courses/dl/gradebook/"),
    ("lecturer", "/courses/dl/"),
)


def questions(client, page):
    """How many a page asks. None counts several relations at once: joined in one question their rows are multiplied."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code in (200, 302)
    assert [each["sql"] for each in asked if each["sql"].count("COUNT(DISTINCT") > 1] == []
    return len(asked)


def grow(world, count):
    mine = make.make_submission(world.assignment, world.student, mark="mine")
    project = project_of(world.course.pk) or groups.make_project(
        world.course, contribution_span=10, talks=TALKS, ballot={"least": 3, "highest_mark": 100, "lowest_mark": 60}
    )
    proposal = groups.stage_of(project)
    for number in range(count):
        student = make.enrol(world.course, section=world.section)
        submission = make.make_submission(world.assignment, student)
        pair = make.similar(mine, submission)
        SimilarPair.objects.update(report=pair.report)
        make.run_of(submission)
        make.Submission.objects.filter(pk=submission.pk)
        world.assignment.extensions.create(student=student, due_at=make.DUE, reason="x", granted_by=world.ta)
        world.assignment.extension_requests.create(student=student, asked_by=student, wanted_until=make.DUE, reason="x")
        make.make_submission(world.assignment, world.student, mark=f"again {number}")
        world.course.announcements.create(author=world.ta, title="T", text="x", section=world.section)
        world.course.topics.create(title="T", weeks="1-2")
        world.course.materials.create(kind="book", title="B")
        world.course.positions.create(role=Role.TA, section=world.section)
        world.section.slots.create(name="Lab", weekday=number % 7, starts="08:00", ends="09:00")
        make.make_assignment(world.course, f"more-{student.pk}")
        other = make.make_course(f"course-{student.pk}")
        _grow_group(proposal, student)
        make.Enrolment.objects.create(user=world.student.user, course=other, role=Role.STUDENT)
    refresh_all(proposal)


def _grow_group(stage, student):
    group = groups.make_group(stage.groups.project, student)
    groups.make_deliverable(stage, group)
    propose_topic(group=group, by=student, title="T", text="x")
    seek(group_set=stage.groups, by=make.enrol(student.course), text="x")
    type(group).objects.filter(pk=group.pk).update(looks_for="somebody")
    stage.extension_requests.create(group=group, wanted_until=make.DUE, reason="x", asked_by=student)
    talks, _ = TalkList.objects.get_or_create(
        project=stage.groups.project, defaults={"ranking": [], "confirmed_by": student}
    )
    talks.talks.create(group=group, starts_at=make.DUE)
    day = timedelta(days=1)
    vote = set_vote(project=stage.groups.project, opens_at=timezone.now() - day, closes_at=timezone.now() + day)
    vote.ballots.create(student=student, track="talk", ranked=[group.pk], saved_at=timezone.now())


@pytest.mark.parametrize("role", ["student", "ta", "lecturer"])
def test_the_number_of_questions_does_not_grow_with_the_rows(client, world, role):
    """All pages of a role with one growth: making the rows takes longest."""
    pages = [page.format(student=world.student.pk) for who, page in PAGES if who == role]
    make.make_scheme(world.course, world.assignment)
    grow(world, 1)
    client.force_login(getattr(world, role).user)
    for page in pages:
        questions(client, page)
    with_one = {page: questions(client, page) for page in pages}

    grow(world, 29)

    assert {page: questions(client, page) for page in pages} == with_one


@pytest.mark.parametrize("role", ["student", "ta", "lecturer"])
@pytest.mark.parametrize("page", ["/courses/dl/", "/courses/dl/assignments/", "/courses/dl/gradebook/"])
def test_the_number_of_questions_does_not_grow_with_assignments(client, world, role, page):
    if role == "student" and page.endswith("gradebook/"):
        page = "/courses/dl/grades/"
    client.force_login(getattr(world, role).user)
    make.make_scheme(world.course, world.assignment)
    make.run_of(make.make_submission(world.assignment, world.student))
    questions(client, page)
    with_one = questions(client, page)

    more = [make.make_assignment(world.course, f"more-{n}") for n in range(20)]
    for assignment in more:
        make.make_notebook(assignment, world.lecturer)
        make.run_of(make.make_submission(assignment, world.student))
    make.make_scheme(world.course, world.assignment, *more)

    assert questions(client, page) == with_one
