"""Comparing the notebooks of a course: by the real program, for those who see all sections, judged by people."""

import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from autograder.notebook import write_notebook
from courses import storage
from courses.models import Role, Rollover
from grading.models import PairNote, SimilarityReport, SimilarPair
from grading.similarity import services as similarity
from grading.similarity.selectors import clusters_of, marked, pairs_of
from tests import factories as make
from tests.classroom import GIVEN, copied, own_work
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/numbers/similarity/"


def hand_in(assignment, student, cells):
    made = make.make_submission(assignment, student)
    content = write_notebook(make.notebook(*map(make.code, cells)))
    type(made).objects.filter(pk=made.pk).delete()
    made.pk, made.file = None, storage.store(content)
    made.save()
    return made


@pytest.fixture
def given(world):
    """The instructor gave these cells out."""
    world.notebook.student_version = storage.store(write_notebook(make.notebook(*map(make.code, GIVEN))))
    world.notebook.save()


@pytest.fixture
def work(world, given):
    """Four students: the second copied from the first."""
    people = [world.student, world.classmate, *(make.enrol(world.course) for _ in range(2))]
    cells = [own_work(1), copied(own_work(1), seed=2), own_work(3), own_work(4)]
    return [hand_in(world.assignment, *pair) for pair in zip(people, cells, strict=True)]


def compared(world, by=None):
    report = similarity.ask_for_comparison(assignment=world.assignment, by=by or world.lecturer)
    similarity.compare_notebooks(report_id=report.pk)
    report.refresh_from_db()
    return report


def test_a_copy_is_found_and_shown_side_by_side(client, world, work):
    report = compared(world)
    [pair] = report.pairs.all()

    assert (report.state, report.notebooks, report.unreadable) == ("done", 4, 0)
    assert (pair.left, pair.right) == (work[0], work[1])

    client.force_login(world.lecturer.user)
    assert "Student and Classmate" in text_of(client.get(PAGE))
    page = client.get(f"{PAGE}{pair.pk}/").content.decode()
    assert page.count("<mark>") > 20
    assert "np.load" in page
    assert "<mark>data = np.load" not in page


def test_two_clicks_are_one_comparison(world, work):
    first = similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)
    assert similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer) == first

    similarity.compare_notebooks(report_id=first.pk)
    similarity.compare_notebooks(report_id=first.pk)

    assert SimilarPair.objects.count() == 1
    assert similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer) != first


def test_asking_by_the_page_says_that_it_runs(client, world, work):
    client.force_login(world.lecturer.user)

    assert "being compared" in text_of(client.post(PAGE, follow=True))
    assert SimilarityReport.objects.get().state == "queued"


def test_only_the_version_that_counts_is_compared(world, work):
    hand_in(world.assignment, world.classmate, own_work(7))

    assert not compared(world).pairs.exists()


def test_a_notebook_that_cannot_be_read_is_counted_and_the_others_are_compared(world, work):
    work[3].pk, work[3].number, work[3].file = None, 2, storage.store(b"no notebook")
    work[3].save()

    report = compared(world)

    assert (report.unreadable, report.pairs.count()) == (1, 1)


def broken(*_, **__):
    raise subprocess.CalledProcessError(1, "compare")


def test_what_breaks_is_tried_three_times_and_then_said(client, world, work, monkeypatch):
    monkeypatch.setattr(similarity, "_program", broken)
    report = similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)

    for attempt in (1, 2, 3):
        assert report.state == "queued"
        similarity.compare_notebooks(report_id=report.pk)
        report.refresh_from_db()
        assert report.attempt == attempt

    assert report.state == "failed"
    client.force_login(world.lecturer.user)
    assert "failed on our side" in text_of(client.get(PAGE))


def test_what_a_dead_worker_held_is_rung_for_again(world, work, monkeypatch):
    rung: list[int] = []
    monkeypatch.setattr("grading.similarity.services.nudge.ring_comparison", rung.append)
    report = similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)
    SimilarityReport.objects.update(state="running", attempt=1, lease_until=timezone.now() - timedelta(seconds=1))

    similarity.sweep_comparisons()
    similarity.compare_notebooks(report_id=report.pk)

    report.refresh_from_db()
    assert (rung, report.state, report.attempt) == ([report.pk], "done", 2)


def test_three_dead_workers_are_a_failure_of_ours(world):
    similarity.ask_for_comparison(assignment=world.assignment, by=world.lecturer)
    SimilarityReport.objects.update(state="running", attempt=3, lease_until=timezone.now() - timedelta(seconds=1))

    similarity.sweep_comparisons()

    assert SimilarityReport.objects.get().state == "failed"


@pytest.fixture
def last_year(world):
    """The same assignment a year ago, by the same lecturer, and the notebook that this year's student copied."""
    course = make.make_course("dl-2025", term="Autumn 2025")
    Rollover.objects.create(course=world.course, source=course, report={})
    lecturer = make.Enrolment.objects.create(user=world.lecturer.user, course=course, role=Role.LECTURER)
    assignment = make.make_assignment(course)
    return lecturer, hand_in(assignment, make.enrol(course, login="former"), copied(own_work(3), seed=9))


def test_former_years_are_compared_where_the_lecturer_was_one_then(client, world, work, last_year):
    _, former = last_year
    report = compared(world)

    assert (report.notebooks, report.former) == (5, 1)
    [found] = [pair for pair in report.pairs.all() if former in (pair.left, pair.right)]
    client.force_login(world.lecturer.user)
    page = text_of(client.get(PAGE))
    assert "Former" in page
    assert "Autumn 2025" in page
    assert "Autumn 2025" in text_of(client.get(f"{PAGE}{found.pk}/"))


def test_a_colleague_who_was_not_there_does_not_read_former_students(client, world, work, last_year):
    _, former = last_year
    report = compared(world)
    pair = next(pair for pair in report.pairs.all() if former in (pair.left, pair.right))
    colleague = make.enrol(world.course, Role.LECTURER)

    client.force_login(colleague.user)
    assert client.get(f"{PAGE}{pair.pk}/").status_code == 404
    assert "Former" not in text_of(client.get(PAGE))
    assert compared(world, by=colleague).former == 0


def test_notes_stay_when_notebooks_are_compared_again(client, world, work):
    pair = compared(world).pairs.get()
    client.force_login(world.lecturer.user)

    client.post(f"{PAGE}{pair.pk}/", {"text": "Talked to both: they paired."})
    client.post(f"{PAGE}{pair.pk}/", {"text": "Talked to both: they paired."})
    assert "Write the note first" in text_of(client.post(f"{PAGE}{pair.pk}/", {"text": " "}, follow=True))

    again = compared(world).pairs.get()
    assert PairNote.objects.count() == 1
    assert "Talked to both" in text_of(client.get(f"{PAGE}{again.pk}/"))
    pairs: list[Any] = pairs_of(world.lecturer, again.report)
    assert again in [each for each in pairs if each.noted]


def test_lab_instructors_may_and_assistants_of_one_section_may_not(client, world, work):
    pair = compared(world).pairs.get()
    for role, code in ((Role.LAB_INSTRUCTOR, 200), (Role.TA, 403), (Role.STUDENT_ASSISTANT, 403)):
        client.force_login(make.enrol(world.course, role, section=world.section).user)
        assert client.get(PAGE).status_code == code
        assert client.get(f"{PAGE}{pair.pk}/").status_code == code


def test_a_notebook_that_cannot_be_read_again_is_said(client, world, work, monkeypatch):
    pair = compared(world).pairs.get()
    monkeypatch.setattr(similarity, "_program", broken)
    client.force_login(world.lecturer.user)

    assert "could not be read just now" in text_of(client.get(f"{PAGE}{pair.pk}/"))


def test_nothing_to_compare_is_said(client, world, given):
    compared(world)
    client.force_login(world.lecturer.user)

    assert "No pair worth a look" in text_of(client.get(PAGE))


def test_clusters_are_named(world, work):
    third = make.make_submission(world.assignment, make.enrol(world.course, login="zoe"))
    report = make.similar(work[0], work[1]).report
    shares = {"score": "0.8", "left_share": "0.8", "right_share": "0.8"}
    report.pairs.create(left=work[1], right=third, **shares)

    assert clusters_of(pairs_of(world.lecturer, report)) == [[work[1], work[0], third]]


def test_lines_are_marked_in_their_cell():
    [first, second] = marked(["a\nb", "c"], [[0, 2, 2]])
    assert [(line.number, line.text, line.is_same) for line in first] == [(1, "a", False), (2, "b", True)]
    assert not second[0].is_same
