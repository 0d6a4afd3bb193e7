"""Two courses that differ only in what students may not know: whatever a student can reach is equal to the byte.

Hidden tests' results, marks by people, comments, rubrics, entered marks, other people's work and the staff's talk are varied
behind the student's back; pages, API answers, feed, downloads, headers and mails must stay as they were.
"""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import get_resolver
from django.utils import timezone

from assignments.extensions import grant_extension
from assignments.models import Assignment
from courses.announcements import post_announcement
from courses.models import OutgoingMail
from grading.entered.services import Entry, record_entered
from grading.marking.services import record_second, share_out_work, state_conflict
from grading.models import Mark, Run, SecondReview, TestResult
from grading.notes.services import write_note
from grading.services.marks import NewMark, record_marks
from grading.services.regrades import answer, decide
from grading.services.releases import hold_back, plan_release
from grading.services.rubrics import add_item, change_item
from grading.services.rulings import rule
from grading.similarity.services import note_pair
from tests import factories as make
from tests.addresses import Addresses, names_of, one_of_each
from tests.test_access import TABLE

pytestmark = pytest.mark.django_db
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+|(DTSTAMP:)\S+')
NOT_HEADERS = {"Set-Cookie", "Date", "Last-Modified", "Expires"}


@pytest.fixture(autouse=True)
def _clock_stands(monkeypatch):
    """So that "2 hours left" says the same on both readings."""
    at = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


@pytest.fixture
def scene(world):
    """The student has one released grade with an open appeal, and one assignment that is marked and not released."""
    world.released = one_of_each(world)
    second = make.make_assignment(world.course, "second", due_at=make.DUE + timedelta(days=3))
    make.make_notebook(second, world.lecturer)
    world.second = make.make_submission(second, world.student)
    make.run_of(world.second)
    world.neighbours = make.make_submission(second, world.classmate)
    make.run_of(world.neighbours)
    world.item = add_item(assignment=second, grade_id="analysis", text="Good", points=Decimal(1))
    make.make_scheme(world.course, world.assignment, second)
    world.paths = paths_of(world)
    return world


def paths_of(world) -> list[str]:
    """Every address of the product, for each work of the student; fixed once, so that both readings ask the same."""
    names = sorted(set(names_of(get_resolver().url_patterns)) & TABLE.keys())
    works = [Addresses(work) for work in (world.released, world.second)]
    found = {pages[name]: None for name in names for pages in works}
    return [path for path in found if "logout" not in path]


def readings(client, world) -> dict[str, tuple | list]:
    """Address → status, headers and body as the student gets them; and the student's mails."""
    client.force_login(world.student.user)
    found: dict[str, tuple | list] = {}
    for path in world.paths:
        read = client.get(path)
        body = b"".join(read.streaming_content) if read.streaming else read.content
        headers = {key: value for key, value in read.headers.items() if key not in NOT_HEADERS}
        found[path] = (read.status_code, headers, TOKEN.sub(rb"\1\2", body))
    found["mails"] = list(
        OutgoingMail.objects.filter(recipient=world.student.user.email).order_by("pk").values_list("subject", "body")
    )
    return found


def mark_by_hand(world):
    new = {"analysis": NewMark(None, "Copied from the net?", (world.item.pk,), Decimal("0.5"))}
    record_marks(submission=world.second, by=world.ta, marks=new, maxima={"analysis": Decimal(3)}, seen=0)


def fail_a_hidden_test(world):
    runs = Run.objects.filter(submission=world.second)
    hidden = TestResult.objects.filter(run__in=runs, grade_id="hidden_test")
    assert hidden.update(score=0, status="failed", message="expected 42, got 41") == 1


def flag_the_work(world):
    flags = [{"kind": "tampered", "grade_id": "double_test", "detail": "a control passed"}]
    run = Run.objects.get(submission=world.second)
    run.report = {**run.report, "flags": flags, "checks": {"reproducible": False}}
    run.save()


def change_a_rubric(world):
    change_item(item=world.item, text="Excellent", points=Decimal(2), by=world.lecturer)
    add_item(assignment=world.second.assignment, grade_id="analysis", text="Looks copied", points=Decimal(-3))


def enter_an_exam(world):
    exam = Assignment.objects.entered().get(course=world.course, title="Exam")
    record_entered(target=exam, by=world.lecturer, entries={world.student: Entry(Decimal(12), "absent?", 0)})


def remark_the_released_one(world):
    Mark.objects.create(
        submission=world.released, grade_id="analysis", points=0, comment="I was wrong.", marker=world.ta
    )
    Mark.objects.create(submission=world.released, grade_id="double_test", points=0, comment="No.", marker=world.ta)


def work_on_a_neighbour(world):
    make.run_of(make.make_submission(world.second.assignment, world.classmate, late=timedelta(hours=5)), double="0")
    Mark.objects.create(
        submission=world.neighbours, grade_id="analysis", points=3, comment="Brilliant.", marker=world.ta
    )
    later = world.second.assignment.due_at + timedelta(days=9)
    grant_extension(
        assignment=world.second.assignment,
        by=world.ta,
        due_at=later,
        reason="A private matter",
        student=world.classmate,
    )


def appeal_of_a_neighbour(world):
    Mark.objects.create(submission=world.neighbours, grade_id="analysis", points=1, marker=world.ta)
    asked = make.ask_for_regrade(make.release_of(world.neighbours, world.lecturer), world.classmate)
    answer(request=asked, by=world.ta, text="A private talk")
    decide(request=asked, by=world.ta, state="accepted", text="You win", points=Decimal(3))


def tell_another_section(world):
    post_announcement(by=world.lecturer, title="For the others", text="Secret", section=world.other_section)


def people_come_and_go(world):
    make.enrol(world.course, section=world.other_section)
    world.classmate.left_at = timezone.now()
    world.classmate.save()


def note_a_cell(world):
    for submission in (world.second, world.released):
        write_note(submission=submission, by=world.ta, text="Where is this from?", anchor={"cell": 2})


def hold_it_back_and_plan_a_release(world):
    held = {"assignment": world.second.assignment, "by": world.lecturer}
    hold_back(**held, student=world.student, reason="Suspicion")
    plan_release(**held, section=None, due_at=timezone.now() + timedelta(days=400))


def rule_on_points(world):
    fields = {"assignment": world.second.assignment, "student": world.student, "by": world.lecturer}
    rule(**fields, points=Decimal(1), code="", reason="A private reason")


def find_it_similar(world):
    pair = make.similar(world.second, world.neighbours)
    note_pair(pair=pair, by=world.lecturer, text="Ask them")


def share_and_mark_it_twice(world):
    assignment = world.second.assignment
    share_out_work(assignment=assignment, graders=[world.ta])
    drawn = SecondReview.objects.create(submission=world.second, marker=world.lecturer, drawn_by=world.lecturer)
    record_second(review=drawn, points={"analysis": (Decimal(3), "Generous")})
    state_conflict(marker=world.other_ta, student=world.student, reason="Her brother", by=world.lecturer)


def keep_it_as_it_ran(world):
    Run.objects.filter(submission=world.second).update(executed=world.second.file)


CHANGES = [
    mark_by_hand, fail_a_hidden_test, flag_the_work, change_a_rubric, enter_an_exam, remark_the_released_one,
    appeal_of_a_neighbour, work_on_a_neighbour, tell_another_section, note_a_cell, share_and_mark_it_twice,
    hold_it_back_and_plan_a_release, rule_on_points, find_it_similar, keep_it_as_it_ran, people_come_and_go,
]  # fmt: skip


def test_what_students_may_not_know_changes_nothing_that_they_can_reach(client, scene):
    before = readings(client, scene)
    assert sum(status == 200 for status, *_ in (read for path, read in before.items() if path != "mails")) > 20

    for change in CHANGES:
        change(scene)

    assert [path for path, read in readings(client, scene).items() if read != before[path]] == []


def test_the_same_reading_sees_what_is_released(client, scene):
    """A test that could not fail would prove nothing: the release shows up."""
    mark_by_hand(scene)
    before = readings(client, scene)

    make.release_of(scene.second, scene.lecturer)

    changed = {path for path, read in readings(client, scene).items() if read != before[path]}
    assert {"/courses/dl/", "/courses/dl/grades/", "mails"} <= changed
    assert any(f"/second/submissions/{scene.student.pk}/1/" in path for path in changed)


def test_staff_see_every_one_of_these_changes(client, scene):
    """Each change is one that somebody can see: else it would be no test."""
    client.force_login(scene.lecturer.user)
    pages = (
        "/courses/dl/gradebook/", "/courses/dl/people/", "/courses/dl/announcements/", "/courses/dl/regrades/",
        "/courses/dl/assignments/second/submissions/", "/courses/dl/assignments/second/extensions/",
        "/courses/dl/assignments/second/rubric/?cell=analysis", "/courses/dl/assignments/numbers/submissions/",
        f"/courses/dl/assignments/second/submissions/{scene.student.pk}/1/", "/courses/dl/assignments/second/release/",
        "/courses/dl/assignments/second/marking/", "/courses/dl/assignments/second/similarity/",
        f"/courses/dl/assignments/second/submissions/{scene.student.pk}/1/rerun/",
    )  # fmt: skip

    def look():
        return [TOKEN.sub(rb"\1\2", client.get(page).content) for page in pages]

    for change in CHANGES:
        before = look()
        change(scene)
        assert look() != before, change.__name__
