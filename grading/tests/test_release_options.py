"""Releasing to some, later, not yet, as a dry run, and taking it back: one gate for every way to look."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from courses.models import OutgoingMail
from grading import tasks
from grading.models import Hold, PlannedRelease, Release, ReleasedGrade, Withdrawal
from grading.selectors.grades import grades_of, shown_grades
from grading.services import releases
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from tests import factories as make
from tests.pages import NUMBERS, address_of, as_person, words_of

pytestmark = pytest.mark.django_db
RELEASE = NUMBERS + "release/"
SOON = timedelta(hours=2)


@pytest.fixture
def ready(world):
    """Two students of different sections with complete grades: 5 of 6 and 6 of 6."""
    other = make.enrol(world.course, section=world.other_section, login="zoe")
    made = []
    for student, points in ((world.student, 2), (other, 3)):
        submission = make.make_submission(world.assignment, student)
        make.run_of(submission)
        marks = {"analysis": NewMark(Decimal(points), "Well argued.")}
        record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)
        made.append(submission)
    make.make_scheme(world.course, world.assignment)
    return made


def send(client, world, **form):
    return words_of(as_person(client, world.lecturer).post(RELEASE, form, follow=True))


def shown_to(client, submission):
    """Whether the student reads the total."""
    return "Well argued." in words_of(as_person(client, submission.student).get(address_of(submission)))


class TestToSome:
    def test_those_who_were_ticked(self, client, world, ready):
        assert "Released 1 grade." in send(client, world, chosen="1", student=ready[0].student_id, release="1")

        assert shown_to(client, ready[0])
        assert not shown_to(client, ready[1])

    def test_a_section(self, client, world, ready):
        everybody = [s.student_id for s in ready]
        send(client, world, chosen="1", student=everybody, section=world.other_section.pk, release="1")

        assert [shown_to(client, s) for s in ready] == [False, True]

    def test_nobody_ticked_is_nobody(self, client, world, ready):
        assert "Nothing to release" in send(client, world, chosen="1", release="1")
        assert not Release.objects.exists()

    def test_what_nobody_may_choose_changes_nothing(self, client, world, ready):
        """Students of another course, words for numbers."""
        assert "Nothing to release" in send(client, world, chosen="1", student=["x", world.stranger.pk])


class TestHeldBack:
    def test_who_is_held_back_is_left_out_until_it_is_lifted(self, client, world, ready):
        page = send(client, world, hold="1", student=ready[0].student_id, reason="Talk first.")
        assert "Student is held back." in page
        assert "Student : Talk first." in page

        send(client, world)
        assert [shown_to(client, s) for s in ready] == [False, True]

        send(client, world, lift=Hold.objects.get().pk)
        send(client, world)
        assert shown_to(client, ready[0])

    def test_two_clicks_hold_once_and_a_reason_is_needed(self, client, world, ready):
        for _ in range(2):
            send(client, world, hold="1", student=ready[0].student_id, reason="Talk first.")
        assert Hold.objects.count() == 1
        answer = as_person(client, world.lecturer).post(RELEASE, {"hold": "1", "student": ready[1].student_id})
        assert answer.status_code == 422
        assert Hold.objects.count() == 1

    def test_held_again_after_lifting(self, world, ready):
        for _ in range(2):
            releases.hold_back(assignment=world.assignment, student=world.student, by=world.lecturer, reason="x")
            releases.lift_hold(hold=Hold.objects.latest("pk"), by=world.lecturer)
        assert Hold.objects.filter(lifted_by=world.lecturer).count() == 2

    def test_the_student_learns_nothing_of_it(self, client, world, ready):
        send(client, world, hold="1", student=ready[0].student_id, reason="Suspicion.")

        for page in (address_of(ready[0]), "/courses/dl/grades/", "/courses/dl/"):
            assert "Suspicion" not in words_of(as_person(client, world.student).get(page))


class TestLater:
    def test_a_plan_is_carried_out_when_its_time_has_come_and_once(self, client, world, ready):
        at = timezone.localtime(timezone.now() + SOON, world.course.zone)
        page = send(client, world, plan="1", due_at=f"{at:%Y-%m-%dT%H:%M}", section=world.section.pk)
        assert "Planned." in page

        tasks.sweep()
        assert not Release.objects.exists()

        releases.release_what_is_due(now=timezone.now() + SOON + timedelta(minutes=1))
        releases.release_what_is_due(now=timezone.now() + SOON + timedelta(minutes=1))

        assert PlannedRelease.objects.get().released == Release.objects.count() == 1
        assert [shown_to(client, s) for s in ready] == [True, False]

    def test_who_is_held_back_then_is_left_out(self, world, ready):
        releases.plan_release(
            assignment=world.assignment, section=None, due_at=timezone.now() + SOON, by=world.lecturer
        )
        releases.hold_back(assignment=world.assignment, student=world.student, by=world.lecturer, reason="x")

        releases.release_what_is_due(now=timezone.now() + SOON)

        assert [grade.submission for grade in ReleasedGrade.objects.all()] == [ready[1]]

    def test_a_plan_can_be_cancelled_until_it_is_done(self, client, world, ready):
        plan = {"assignment": world.assignment, "section": None, "by": world.lecturer}
        first = releases.plan_release(**plan, due_at=timezone.now() + SOON)
        assert releases.plan_release(**plan, due_at=first.due_at) == first
        send(client, world, cancel=first.pk)
        releases.release_what_is_due(now=timezone.now() + SOON)
        assert not Release.objects.exists()

        second = releases.plan_release(**plan, due_at=timezone.now() + SOON)
        releases.release_what_is_due(now=timezone.now() + SOON)
        assert "It was released already." in send(client, world, cancel=second.pk)

    def test_nothing_complete_then_releases_nothing_and_is_done(self, world):
        plan = {"assignment": world.assignment, "section": None, "by": world.lecturer}
        releases.plan_release(**plan, due_at=timezone.now() + SOON)
        releases.release_what_is_due(now=timezone.now() + SOON)

        assert PlannedRelease.objects.get().done_at
        assert not Release.objects.exists()

    def test_one_that_breaks_does_not_stop_the_others(self, world, ready, monkeypatch):
        real = releases.release_grades
        broken: list[dict] = []

        def once_broken(**fields):
            if not broken:
                broken.append(fields)
                raise OSError
            return real(**fields)

        monkeypatch.setattr(releases, "release_grades", once_broken)
        for section in (world.section, world.other_section):
            releases.plan_release(
                assignment=world.assignment, section=section, due_at=timezone.now() + SOON, by=world.lecturer
            )

        releases.release_what_is_due(now=timezone.now() + SOON)
        assert Release.objects.count() == 1
        releases.release_what_is_due(now=timezone.now() + SOON)
        assert Release.objects.count() == 2

    def test_the_past_is_no_plan(self, client, world, ready):
        assert "still to come" in send(client, world, plan="1", due_at="2020-01-01T10:00")
        assert as_person(client, world.lecturer).post(RELEASE, {"plan": "1", "due_at": "soon"}).status_code == 422
        assert not PlannedRelease.objects.exists()


class TestDryRun:
    def test_it_shows_what_the_student_would_read_and_keeps_nothing(self, client, world, ready):
        before = OutgoingMail.objects.count()

        page = words_of(as_person(client, world.lecturer).get(f"{RELEASE}as/{world.student.pk}/"))

        assert "(3 auto + 2 manual) × 1.0, on time = 5 of 6" in page
        assert "Well argued." in page
        assert "Grade released: Numbers" in page
        assert "Earned so far 0 of 100" not in page
        assert "Average on graded work 83.33 %" in page
        assert (Release.objects.count(), OutgoingMail.objects.count()) == (0, before)
        assert not shown_to(client, ready[0])

    def test_what_is_not_complete_or_held_back_shows_nothing_new(self, client, world, ready):
        releases.hold_back(assignment=world.assignment, student=world.student, by=world.lecturer, reason="x")

        page = words_of(as_person(client, world.lecturer).get(f"{RELEASE}as/{world.student.pk}/"))

        assert "Nothing new would be shown" in page
        assert "Well argued." not in page

    def test_nobody_of_another_course(self, client, world, ready):
        assert as_person(client, world.lecturer).get(f"{RELEASE}as/{world.stranger.pk}/").status_code == 404


class TestTakenBack:
    @pytest.fixture
    def released(self, world, ready):
        releases.release_grades(assignment=world.assignment, by=world.lecturer, students=[s.student for s in ready])
        make.ask_for_regrade(ReleasedGrade.objects.get(submission=ready[0]), world.student)
        return ready

    def test_it_is_gone_from_every_page_and_api(self, client, world, released):
        looks = (address_of(released[0]), "/courses/dl/grades/", "/courses/dl/", "/courses/dl/regrades/")
        api = f"/api/courses/dl/assignments/numbers/submissions/{world.student.pk}/1/"
        assert shown_to(client, released[0])

        page = send(client, world, withdraw="1", reason="A test was wrong.")

        assert "Taken back from 2 students." in page
        assert "took back what was released" in page
        as_person(client, world.student)
        for look in looks:
            seen = words_of(client.get(look))
            assert "Well argued" not in seen
            assert "5 of 6" not in seen
        answer = client.get(api)
        assert answer.status_code in (200, 404)
        assert "Well argued" not in answer.content.decode()
        assert client.get(f"{NUMBERS}regrade/?cell=analysis").status_code == 404
        assert client.get("/courses/dl/regrades/1/").status_code == 404
        assert (
            OutgoingMail.objects.filter(subject="Grade taken back: Numbers", body__contains="A test was wrong.").count()
            == 2
        )

    def test_it_is_ready_again_and_released_again(self, client, world, released):
        send(client, world, withdraw="1", reason="A test was wrong.")
        item = grades_of([world.assignment], [world.student])[world.assignment.pk, world.student.pk]
        assert (item.state, item.shown) == ("ready", None)

        assert "Released 2 grades." in send(client, world)
        assert shown_to(client, released[0])

    def test_it_stays_on_record_and_is_checked_as_before(self, client, world, released):
        send(client, world, withdraw="1", reason="A test was wrong.")

        assert ReleasedGrade.objects.count() == 2
        assert not shown_grades().exists()
        assert recompute().grades == 2

    def test_nothing_shown_cannot_be_taken_back_and_a_reason_is_needed(self, client, world, released):
        assert as_person(client, world.lecturer).post(RELEASE, {"withdraw": "1"}).status_code == 422
        send(client, world, withdraw="1", reason="x")
        assert "Nothing of it is shown." in send(client, world, withdraw="1", reason="x")
        assert Withdrawal.objects.count() == 1

    def test_what_was_planned_is_cancelled_with_it(self, client, world, released):
        releases.plan_release(
            assignment=world.assignment, section=None, due_at=timezone.now() + SOON, by=world.lecturer
        )
        send(client, world, withdraw="1", reason="x")

        releases.release_what_is_due(now=timezone.now() + SOON)

        assert not shown_grades().exists()

    def test_requests_are_there_again_and_their_time_begins_anew(self, client, world, released, time_machine):
        request = ReleasedGrade.objects.get(submission=released[0]).regrade_requests.get()
        send(client, world, withdraw="1", reason="x")
        time_machine.move_to(timezone.now() + timedelta(days=10))
        send(client, world)

        as_person(client, world.student)
        assert client.get(f"/courses/dl/regrades/{request.pk}/").status_code == 200
        again = make.ask_for_regrade(shown_grades().get(submission=released[0]), world.student)
        assert again != request

    @pytest.mark.parametrize("form", [{"lift": "9" * 5000}, {"cancel": "9" * 5000}, {"lift": "x"}])
    def test_keys_that_are_none_are_not_found(self, client, world, released, form):
        assert as_person(client, world.lecturer).post(RELEASE, form).status_code == 404

    def test_another_assignment_stays_shown(self, client, world, released):
        other = make.make_assignment(world.course, "other")
        make.make_notebook(other, world.lecturer)
        submission = make.make_submission(other, world.student)
        make.run_of(submission)
        marks = {"analysis": NewMark(Decimal(1), "Stays.")}
        record_marks(submission=submission, by=world.ta, marks=marks, maxima={"analysis": Decimal(3)}, seen=0)
        make.release_of(submission, world.lecturer)

        send(client, world, withdraw="1", reason="x")

        page = f"/courses/dl/assignments/other/submissions/{world.student.pk}/1/"
        assert "Stays." in words_of(as_person(client, world.student).get(page))
