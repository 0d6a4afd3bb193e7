"""The demo: a course that a stranger can look at, made by the product's own services."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from assignments import format_checks
from assignments.models import ExtensionRequest, Submission
from autograder.notebook import read_notebook
from courses.models import Course, Enrolment, Role, User
from gradebook.models import Component
from gradebook.policy.tree import effective_shares, is_publishable
from gradebook.standings.selectors import current_components, tree_of
from grading.models import Mark, ReleasedGrade, Run
from grading.papers.submissions import report_of
from grading.selectors.grades import grades_for, grades_of
from grading.services import runs
from groups.members.selectors import groups_of
from groups.search.selectors import seekers_of
from projects.ballots.selectors import outcomes, vote_of
from projects.models import Ballot, Topic
from projects.selectors import project_of
from projects.talks.races import races
from term.demo import people, projects
from term.demo.answers import ANALYSES, SLIPS
from term.demo.load import finish_demo, load_demo
from term.demo.work import handed_in, instructor_notebook
from tests.isolation import apart

NAMES = ["numpy-basics", "backpropagation", "convolution"]


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    """Made once for all tests, each of which sees it untouched; taken back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**apart(tmp_path_factory.mktemp("demo"))):
            course = load_demo()
            for paper in Submission.objects.filter(
                assignment__kind="paper", assignment__slug__in=["proposal", "presentation"]
            ):
                format_checks.check(paper)
        yield course
        transaction.set_rollback(True)


@pytest.fixture
def demo(made, db):
    return made


def grade_everything():
    """What a worker would do, with full marks everywhere."""
    for run in Run.objects.filter(state="queued", notebook__isnull=False):
        attempt = runs.claim_run(run_id=run.pk)
        if run.submission_id is None:
            runs.record_report(run_id=run.pk, attempt=attempt, report={"ok": True, "cells": []})
            continue
        rows = [
            {"grade_id": c.grade_id, "score": str(c.points), "message": "",
             "status": "passed" if c.role == "tests" else "needs_review"}
            for c in run.notebook.cells.all()
        ]  # fmt: skip
        runs.record_report(run_id=run.pk, attempt=attempt, report={"verdict": "graded", "tests": rows})


def test_the_demo_has_the_people_of_the_issue(demo):
    roles = Counter(Enrolment.objects.filter(course=demo).values_list("role", flat=True))

    assert roles == {Role.LECTURER: 1, Role.TA: 6, Role.STUDENT: 24}
    assert [s.enrolments.filter(role=Role.TA).count() for s in demo.sections.all()] == [3, 3]
    assert [s.enrolments.filter(role=Role.STUDENT).count() for s in demo.sections.all()] == [12, 12]
    assert User.objects.get(username="lecturer").check_password(people.PASSWORD)


def test_nobody_in_the_demo_has_a_real_address(demo):
    assert set(User.objects.values_list("email", flat=True)) == {
        f"{u.username}@gradus.example" for u in User.objects.all()
    }


def test_the_demo_course_follows_its_published_weights(demo):
    tree = tree_of(current_components(demo))
    shares = effective_shares(tree)
    named = {
        c.name: float(shares[str(c.pk)]) for c in Component.objects.filter(scheme__course=demo).exclude(kind="group")
    }

    assert is_publishable(tree)
    assert named == {
        "NumPy basics": 6, "Back-propagation by hand": 6, "Convolution, forward": 8,
        "Proposal": 16, "Report": 48, "Presentation or poster": 16,
    }  # fmt: skip


def test_the_demo_has_late_replaced_and_missing_work(demo):
    per_student = Counter(Submission.objects.filter(assignment__slug=NAMES[0]).values_list("student", flat=True))

    assert 0 < 24 - len(per_student) < 6
    assert max(per_student.values()) == 2
    late = [s for s in Submission.objects.filter(assignment__slug=NAMES[0]) if s.received_at > s.assignment.due_at]
    assert len(late) >= 4
    assert Run.objects.filter(submission=None).count() == 3


def test_the_demo_releases_the_first_assignment_when_the_worker_is_done(demo):
    grade_everything()

    assert finish_demo()

    assert ReleasedGrade.objects.filter(release__assignment__slug=NAMES[0]).count() == 22
    assert (
        ReleasedGrade.objects.filter(release__assignment__kind="notebook")
        .exclude(release__assignment__slug=NAMES[0])
        .count()
        == 0
    )
    assert Mark.objects.filter(submission__assignment__slug=NAMES[1]).exists()


def test_the_demo_does_not_wait_for_ever(demo, monkeypatch):
    monkeypatch.setattr("term.demo.load.WAIT_SECONDS", 0)

    assert not finish_demo()


def test_the_demo_command_leaves_a_database_with_people_alone(demo, capsys):
    call_command("loaddemo")

    assert Course.objects.count() == 2


@pytest.mark.parametrize("name", NAMES)
def test_each_slip_and_analysis_belongs_to_its_notebook(name):
    ids = {c["metadata"].get("nbgrader", {}).get("grade_id") for c in read_notebook(instructor_notebook(name))["cells"]}

    assert {grade_id for slip in SLIPS[name] for grade_id in slip} <= ids
    assert all(len(text) > 20 for text in ANALYSES[name])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("turn", range(6))
def test_handed_in_notebooks_hold_no_markers_and_no_hidden_tests(name, turn):
    text = handed_in(name, turn=turn, analysis=turn, signed="An Ruoxi").decode()

    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN TESTS" not in text
    assert "An Ruoxi" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_demo_notebook_has_visible_hidden_and_manual_parts(name):
    source = instructor_notebook(name).decode()
    blocks = [c["metadata"]["nbgrader"] for c in read_notebook(source.encode())["cells"] if "nbgrader" in c["metadata"]]
    tests = [b for b in blocks if b["grade"] and not b["solution"]]

    assert source.count("BEGIN HIDDEN TESTS") >= 1
    assert len(tests) > source.count("BEGIN HIDDEN TESTS")
    assert any(b["grade"] and b["solution"] for b in blocks)


def states_of(course, slug):
    project = project_of(course.pk)
    stage = next(stage for stage in project.stages.all() if stage.slug == slug)
    return [item.state for item in grades_of([stage], groups_of(project.group_set)).values()]


def test_eight_groups_stand_in_every_state(demo):
    project = project_of(demo.pk)
    groups: list[Any] = groups_of(project.group_set)

    assert [len(group.members) for group in groups] == [3] * 7 + [2]
    assert groups[7].small_because
    assert states_of(demo, "proposal") == [
        "released", "released", "review", "review", "review", "missing", "missing", "missing",
    ]  # fmt: skip
    assert sorted(Topic.objects.filter(group__group_set=project.group_set).values_list("state", flat=True)) == [
        *["approved"] * 5, "proposed", "to_discuss",
    ]  # fmt: skip
    assert [seeker.student.user.name for seeker in seekers_of(project.group_set)] == [people.STUDENTS[-1]]
    assert ExtensionRequest.objects.filter(assignment__group_set=project.group_set, decided_at=None).count() == 1


def test_some_of_its_papers_have_faults_and_the_others_none(demo):
    papers = Submission.objects.filter(assignment__course=demo, assignment__slug="proposal").order_by(
        "group__name", "number"
    )
    found = {
        (paper.group.name, paper.number): sorted({each["rule"] for each in report_of(paper)["findings"]})
        for paper in papers.select_related("group", "assignment__course", "assignment__group_set", "file")
    }

    assert found == {
        ("Group 1", 1): [], ("Group 2", 1): [], ("Group 3", 1): [], ("Group 3", 2): [],
        ("Group 4", 1): ["columns", "latex", "page-size"], ("Group 5", 1): ["pages"],
    }  # fmt: skip


def test_the_second_course_stands_before_its_last_day(demo):
    course = Course.objects.get(slug=projects.LAST_SLUG)
    project = project_of(course.pk)
    first, second = races(project, list(course.sections.all()))

    assert states_of(course, "report") == ["released"] * 8
    assert first.confirmed is not None
    assert len(first.talks) == 3
    assert all(talk.starts_at for talk in first.talks)
    assert (second.confirmed, len(second.selection.tied)) == (None, 2)
    assert Ballot.objects.filter(vote__project=project).count() >= 5
    posters = Submission.objects.filter(assignment__group_set=project.group_set, assignment__slug="presentation")
    found = [[each["rule"] for each in report_of(poster)["findings"]] for poster in posters]
    assert found == [["poster-size"], [], [], [], []]
    outcome = {outcome.track: outcome for outcome in outcomes(project, vote_of(project))}["talk"]
    assert outcome.quorum.is_met
    assert [flag for _, _, flag in outcome.checked].count(True) == 1


def test_the_demos_proposals_are_marked_and_released(demo):
    student = Enrolment.objects.get(course=demo, user__username="student1")
    late = Enrolment.objects.get(course=demo, user__username="student4")

    proposal = demo.assignments.get(slug="proposal")
    shown = {key[1]: item.shown for key, item in grades_for([proposal], [student, late]).items()}

    assert (shown[student.pk].manual, shown[student.pk].factor) == (90, 1)
    assert (shown[late.pk].manual, shown[late.pk].factor) == (72, Decimal("0.7"))
