"""Marks that people entered are released, planned, held back and taken back as any other, and asked about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assignments.models import Assignment, Submission
from courses.models import OutgoingMail, SettingChange
from grading.models import Mark, Review
from grading.selectors.grades import grades_for
from grading.services.releases import (
    NothingToRelease,
    ReleaseRefused,
    hold_back,
    plan_release,
    release_what_is_due,
    withdraw_release,
)
from grading.services.rulings import rule
from tests import entered
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


@pytest.fixture
def shown(world, exam):
    entered.enter(exam, world.lecturer, world.student, 80, note="Good proofs")
    entered.release(exam, world.lecturer)
    return exam


def item_of(exam, student):
    return grades_for([exam], [student])[exam.pk, student.pk]


def release_page(exam):
    return f"/courses/dl/assignments/{exam.slug}/release/"


def work_page(exam, student):
    return f"/courses/dl/assignments/{exam.slug}/submissions/{student.pk}/1/"


class TestTakingBack:
    def test_who_sees_another_mark_is_told(self, world, shown):
        mail = OutgoingMail.objects.get(subject="Grade released: Exam")
        assert mail.recipient == world.student.user.email
        assert "80 of 100" in mail.body

        with pytest.raises(NothingToRelease):
            entered.release(shown, world.lecturer)

    def test_it_is_shown_no_longer_and_the_marks_stay(self, client, world, shown):
        page = as_person(client, world.lecturer).post(release_page(shown), {"withdraw": "1", "reason": "Miscounted."})

        item = item_of(shown, world.student)
        assert page.status_code == 302
        assert (item.shown, item.grade.total) == (None, 80)
        assert "Miscounted." in OutgoingMail.objects.get(subject="Grade taken back: Exam").body
        assert "Took the release back: Miscounted." in words_of(
            client.get(f"/courses/dl/gradebook/{shown.slug}/{world.student.pk}/")
        )

    def test_not_without_a_reason_nor_twice(self, world, shown):
        with pytest.raises(ReleaseRefused, match="Say why"):
            withdraw_release(assignment=shown, by=world.lecturer, reason="")
        assert withdraw_release(assignment=shown, by=world.lecturer, reason="x") == 1
        with pytest.raises(ReleaseRefused, match="Nothing of it is shown"):
            withdraw_release(assignment=shown, by=world.lecturer, reason="x")

    def test_released_again_it_is_seen_and_told_again(self, world, shown):
        withdraw_release(assignment=shown, by=world.lecturer, reason="x")

        entered.release(shown, world.lecturer)

        assert item_of(shown, world.student).shown.total == 80
        assert OutgoingMail.objects.filter(subject="Grade released: Exam").count() == 2

    def test_one_mark_that_was_taken_back_is_taken_from_that_student_alone(self, client, world, shown):
        entered.enter(shown, world.lecturer, world.classmate, 55)
        entered.release(shown, world.lecturer)
        entered.enter(shown, world.lecturer, world.student, None)
        page = as_person(client, world.lecturer).get(release_page(shown))
        assert "shown no longer once you release: Student" in words_of(page)

        answer = client.post(release_page(shown), {"chosen": "1", "student": [world.student.pk]}, follow=True)

        assert "What was taken back is shown no longer" in words_of(answer)
        assert (item_of(shown, world.student).shown, item_of(shown, world.classmate).shown.total) == (None, 55)
        assert SettingChange.objects.latest("pk").after == "taken back from 1"
        mail = OutgoingMail.objects.get(subject="Mark taken back: Exam")
        assert mail.recipient == world.student.user.email
        assert "Took the release back" not in words_of(
            client.get(f"/courses/dl/gradebook/{shown.slug}/{world.classmate.pk}/")
        )

    def test_points_that_were_ruled_stand_where_the_mark_was_emptied(self, world, shown):
        entered.enter(shown, world.lecturer, world.student, None)
        ruled = {"assignment": shown, "student": world.student, "by": world.lecturer, "reason": "By the paper"}
        rule(**ruled, points=D(70), code="")

        entered.release(shown, world.lecturer)

        assert item_of(shown, world.student).shown.total == 70
        assert not OutgoingMail.objects.filter(subject__startswith="Mark taken back").exists()

    def test_a_held_student_keeps_what_they_saw(self, world, shown):
        entered.enter(shown, world.lecturer, world.student, None)
        hold_back(assignment=shown, student=world.student, by=world.lecturer, reason="An appeal runs")

        with pytest.raises(NothingToRelease):
            entered.release(shown, world.lecturer)
        assert item_of(shown, world.student).shown.total == 80


class TestGates:
    def test_held_back_and_planned(self, world, exam):
        entered.enter(exam, world.lecturer, world.student, 80)
        entered.enter(exam, world.lecturer, world.classmate, "absent")
        hold_back(assignment=exam, student=world.student, by=world.lecturer, reason="An appeal runs")
        soon = timezone.now() + timedelta(minutes=5)
        plan_release(assignment=exam, section=None, due_at=soon, by=world.lecturer)

        release_what_is_due(now=soon)

        assert item_of(exam, world.student).shown is None
        assert item_of(exam, world.classmate).shown.code == "absent"
        assert "Absent: counts 0" in OutgoingMail.objects.get(subject="Grade released: Exam").body

    def test_a_dry_run_shows_it_and_keeps_nothing(self, client, world, exam):
        entered.enter(exam, world.lecturer, world.student, "exempt")

        page = as_person(client, world.lecturer).get(f"{release_page(exam)}as/{world.student.pk}/")

        assert "Exempt: does not count, its weight goes to the rest" in words_of(page)
        assert item_of(exam, world.student).shown is None

    def test_a_ruling_stands_over_it(self, client, world, shown):
        cell = f"/courses/dl/gradebook/{shown.slug}/{world.student.pk}/"
        as_person(client, world.lecturer).post(cell, {"points": "85", "reason": "A page was missed"})

        entered.release(shown, world.lecturer)

        assert item_of(shown, world.student).shown.total == 85
        assert "set to 85 by the lecturer" in words_of(as_person(client, world.student).get("/courses/dl/grades/"))


class TestItsPage:
    def test_the_student_reads_it_once_it_is_released(self, client, world, exam):
        entered.enter(exam, world.lecturer, world.student, 80, note="Good proofs")
        as_person(client, world.student)
        assert client.get(work_page(exam, world.student)).status_code == 404
        assert client.get(f"/api{work_page(exam, world.student)}").status_code == 404

        entered.release(exam, world.lecturer)

        page = words_of(client.get(work_page(exam, world.student)))
        assert "This mark counts." in page
        assert "80 of 100" in page
        assert "Good proofs" in page
        assert "Exam, mark" in words_of(client.get(f"{work_page(exam, world.student)}feedback/"))
        (row,) = client.get(f"/api{work_page(exam, world.student)}").json()["rows"]
        assert (row["grade_id"], D(row["score"]), row["comment"]) == ("mark", 80, "Good proofs")

    def test_nobody_else_does(self, client, world, shown):
        for person in (world.classmate, world.other_ta):
            assert as_person(client, person).get(work_page(shown, world.student)).status_code == 404

    @pytest.mark.parametrize("page", ["review/", "file/", "read/", "receipt/", "versions/"])
    def test_there_is_nothing_to_open(self, client, world, shown, page):
        as_person(client, world.lecturer)
        assert client.get(work_page(shown, world.student) + page).status_code == 404

    def test_no_marker_is_given_it(self, world, shown):
        entered.enter(shown, world.lecturer, world.student, None)
        assert not Review.objects.filter(assignment=shown).exists()
        assert Submission.objects.get(assignment=shown).handed_in_by == world.lecturer

    def test_a_word_can_be_asked_about_and_become_points(self, client, world, exam):
        entered.enter(exam, world.lecturer, world.student, "exempt")
        entered.release(exam, world.lecturer)
        world.course.regrade_days = 7
        world.course.save()
        ask = f"/courses/dl/assignments/{exam.slug}/regrade/?cell=mark"
        assert as_person(client, world.student).get(ask).status_code == 200
        asked = client.post(ask, {"reason": "I was there."})
        as_person(client, world.lecturer)
        assert "There stands exempt of 100 now" in words_of(client.get(asked.url))
        client.post(
            asked.url, {"decide": "1", "state": "accepted", "points": "70", "text": "You were.", "seen": "999999"}
        )
        entered.release(exam, world.lecturer)

        shown = item_of(exam, world.student).shown
        assert (shown.total, shown.code) == (70, "")

    def test_a_student_asks_and_the_mark_changes(self, client, world, shown):
        world.course.regrade_days = 7
        world.course.save()
        as_person(client, world.student)
        assert "Ask to look again" in words_of(client.get(work_page(shown, world.student)))
        ask = f"/courses/dl/assignments/{shown.slug}/regrade/?cell=mark"
        asked = client.post(ask, {"reason": "Page 3 was not counted."})
        assert asked.status_code == 302, words_of(asked)

        as_person(client, world.lecturer).post(
            asked.url,
            {"decide": "1", "state": "accepted", "points": "84.5", "text": "You are right.", "seen": "999999"},
        )

        assert entered.newest(shown, world.student).points == D("84.5")
        entered.release(shown, world.lecturer)
        assert item_of(shown, world.student).shown.total == D("84.5")
        assert Mark.objects.count() == 2
