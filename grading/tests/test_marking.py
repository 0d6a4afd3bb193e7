"""Shares, conflicts, second marks, and the figures of an assignment."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from courses.models import Role
from grading.marking import selectors, services
from grading.models import Conflict, Mark, Marking, Review, SecondMark, SecondReview
from grading.selectors import queues, statistics
from grading.services.marks import NewMark, record_marks
from grading.services.reviews import Press, claim_next, open_review
from tests import factories as make
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PLAN = "/courses/dl/assignments/numbers/marking/"
FIGURES = "/courses/dl/assignments/numbers/statistics/"
D = Decimal


@pytest.fixture
def second_ta(world):
    return make.enrol(world.course, Role.TA, section=world.section, login="chen")


@pytest.fixture
def work(world):
    return make.work_that_waits(world, 6)


def mark(submission, by, points, **fields):
    new = {"analysis": NewMark(D(points), "")}
    record_marks(submission=submission, by=by, marks=new, maxima={"analysis": D(3)}, seen=0, **fields)


def words(answer):
    return " ".join(text_of(answer).split())


class TestShares:
    def test_work_is_shared_out_evenly_and_the_queue_gives_it_so(self, client, world, work, second_ta):
        client.force_login(world.lecturer.user)
        answer = client.post(PLAN, {"share": "1", "graders": [world.ta.pk, second_ta.pk]}, follow=True)

        assert "Shared out: Ta 3, Chen 3." in words(answer)
        mine = set(Review.objects.filter(share_of=second_ta).values_list("student", flat=True))
        assert claim_next(assignment=world.assignment, by=second_ta).student_id in mine

    def test_nobody_is_given_what_they_may_not_mark(self, world, work, second_ta):
        services.state_conflict(marker=world.ta, student=world.student, reason="Brother", by=world.lecturer)

        given = services.share_out_work(assignment=world.assignment, graders=[world.ta, second_ta, world.other_ta])

        assert given == {world.ta: 3, second_ta: 3, world.other_ta: 0}
        assert Review.objects.get(student=world.student).share_of == second_ta

    def test_sharing_again_counts_what_people_have(self, world, work, second_ta):
        services.share_out_work(assignment=world.assignment, graders=[world.ta])
        for _ in range(2):
            student = make.enrol(world.course, section=world.section)
            make.run_of(make.make_submission(world.assignment, student))

        assert services.share_out_work(assignment=world.assignment, graders=[world.ta, second_ta]) == {
            world.ta: 0, second_ta: 2,
        }  # fmt: skip

    def test_shares_can_be_taken_back(self, client, world, work):
        services.share_out_work(assignment=world.assignment, graders=[world.ta])
        client.force_login(world.lecturer.user)

        assert "6 are nobody’s share again." in words(client.post(PLAN, {"take_back": "1"}, follow=True))
        assert not Review.objects.filter(share_of__isnull=False).exists()

    def test_choosing_nobody_is_said(self, client, world, work):
        client.force_login(world.lecturer.user)

        answer = client.post(PLAN, {"share": "1"})

        assert answer.status_code == 422
        assert "This field is required." in words(answer)


class TestConflicts:
    def test_stated_listed_withdrawn(self, client, world, work):
        services.share_out_work(assignment=world.assignment, graders=[world.ta])
        open_review(submission=work[0], by=world.ta)
        client.force_login(world.lecturer.user)
        form = {"conflict": "1", "marker": world.ta.pk, "student": world.student.pk, "reason": "Her brother"}

        page = words(client.post(PLAN, form, follow=True))

        review = Review.objects.get(student=world.student)
        assert "Her brother" in page
        assert (review.share_of, review.holder) == (None, None)
        client.post(PLAN, {"withdraw": Conflict.objects.get().pk})
        assert not Conflict.objects.exists()

    @pytest.mark.parametrize(("name", "value"), [("marker", ""), ("student", "999999"), ("reason", "")])
    def test_what_is_missing_is_said_and_what_was_typed_stays(self, client, world, name, value):
        client.force_login(world.lecturer.user)
        form = {
            "conflict": "1",
            "marker": world.ta.pk,
            "student": world.student.pk,
            "reason": "Her brother",
            name: value,
        }

        answer = client.post(PLAN, form)

        assert answer.status_code == 422
        assert name == "reason" or "Her brother" in text_of(answer)

    def test_two_clicks_state_it_once_and_students_mark_nobody(self, world):
        for _ in range(2):
            services.state_conflict(marker=world.ta, student=world.student, reason="x", by=world.lecturer)
        with pytest.raises(services.MarkingRefused):
            services.state_conflict(marker=world.classmate, student=world.student, reason="x", by=world.lecturer)
        assert Conflict.objects.count() == 1

    def test_a_conflict_of_another_course_is_not_found(self, client, world):
        other = make.enrol(world.stranger.course)
        foreign = Conflict.objects.create(marker=world.stranger, student=other, reason="x", stated_by=world.stranger)
        client.force_login(world.lecturer.user)

        for value in (foreign.pk, "x", ""):
            assert client.post(PLAN, {"withdraw": value}).status_code == 404


class TestSecondMarks:
    @pytest.fixture
    def marked(self, world, work):
        for submission in work[:4]:
            mark(submission, world.ta, 2)
        return work

    def test_a_sample_is_drawn_for_somebody_else(self, client, world, marked, second_ta):
        client.force_login(world.lecturer.user)
        form = {"draw": "1", "sample-percent": "50", "sample-graders": [world.ta.pk, second_ta.pk]}

        assert "2 drawn to be marked a second time." in words(client.post(PLAN, form, follow=True))
        assert set(SecondReview.objects.values_list("marker", flat=True)) == {second_ta.pk}
        assert "0 drawn" in words(client.post(PLAN, form, follow=True))

    def test_the_second_marker_sees_no_marks_and_moves_no_grade(self, client, world, marked, second_ta):
        mark(marked[4], world.ta, 1)
        SecondReview.objects.create(submission=marked[4], marker=second_ta, drawn_by=world.lecturer)
        client.force_login(second_ta.user)
        assert "Second look (1)" in words(client.get("/courses/dl/assignments/numbers/submissions/"))
        page = client.get("/courses/dl/assignments/numbers/second/", follow=True)
        assert "A second look" in words(page)
        assert "marked by" not in words(page)

        address = page.request["PATH_INFO"]
        assert client.post(address, {"points-analysis": "4"}).status_code == 422
        for _ in range(2):
            done = client.post(address, {"points-analysis": "3", "comment-analysis": "Fine"}, follow=True)

        assert "Nothing waits for your second look." in words(done)
        assert "You have marked this." in words(client.get(address))
        assert SecondMark.objects.count() == 1
        item = queues.submissions_in_reach(world.lecturer, world.assignment)
        assert next(i for i in item if i.student == marked[4].student).marks["analysis"].points == 1

    def test_agreement_is_shown(self, client, world, marked, second_ta):
        for submission, points in ((marked[0], 2), (marked[1], "0.5")):
            review = SecondReview.objects.create(submission=submission, marker=second_ta, drawn_by=world.lecturer)
            services.record_second(review=review, points={"analysis": (D(points), "")})
        client.force_login(world.lecturer.user)

        page = words(client.get(PLAN))

        assert "Of 2 cells 1 got the same points; on average 25 % of the points apart." in page
        assert "-25 %" in page
        assert "Drawn so far: 2, of which 2 are done." in page

    def test_only_whoever_was_drawn_may(self, client, world, marked, second_ta):
        SecondReview.objects.create(submission=marked[0], marker=second_ta, drawn_by=world.lecturer)
        client.force_login(world.ta.user)

        address = f"/courses/dl/assignments/numbers/submissions/{marked[0].student_id}/1/second/"
        assert client.get(address).status_code == 404

    def test_whoever_marked_it_first_is_never_drawn(self, world, marked):
        drawn = services.draw_sample(assignment=world.assignment, percent=100, graders=[world.ta], by=world.lecturer)
        assert drawn == 0

    def test_work_that_was_marked_before_there_was_a_queue_is_drawn_too(self, world, marked, second_ta):
        Review.objects.all().delete()
        drawn = {"assignment": world.assignment, "percent": 100, "graders": [second_ta], "by": world.lecturer}
        assert services.draw_sample(**drawn) == 4

    def test_who_changed_section_does_not_block_the_others(self, client, world, marked, second_ta):
        for submission in marked[:2]:
            SecondReview.objects.create(submission=submission, marker=second_ta, drawn_by=world.lecturer)
        marked[0].student.sections.set([world.other_section])
        client.force_login(second_ta.user)

        answer = client.get("/courses/dl/assignments/numbers/second/")

        assert f"/{marked[1].student_id}/1/second/" in answer["Location"]

    def test_a_conflict_takes_back_what_was_drawn_and_stops_regrades(self, client, world, marked, second_ta):
        SecondReview.objects.create(submission=marked[0], marker=second_ta, drawn_by=world.lecturer)
        regrade = make.ask_for_regrade(make.release_of(marked[0], world.lecturer), marked[0].student)
        services.state_conflict(marker=second_ta, student=marked[0].student, reason="x", by=world.lecturer)
        client.force_login(second_ta.user)

        form = {"decide": "1", "state": "accepted", "points": "3", "text": "Sure", "seen": 99}
        page = client.post(f"/courses/dl/regrades/{regrade.pk}/", form)

        assert not SecondReview.objects.exists()
        assert "somebody else decides this" in words(page)
        assert Mark.objects.filter(submission=marked[0]).count() == 1

    def test_the_share_of_who_left_is_nobodys(self, client, world, work, second_ta):
        services.share_out_work(assignment=world.assignment, graders=[second_ta])
        second_ta.left_at = make.DUE
        second_ta.save()

        assert claim_next(assignment=world.assignment, by=world.ta) is not None
        assert selectors.unshared(world.assignment) == 6
        assert services.share_out_work(assignment=world.assignment, graders=[world.ta]) == {world.ta: 6}


class TestFigures:
    def test_an_empty_assignment_says_so(self, client, world):
        client.force_login(world.ta.user)

        assert "Nothing was handed in yet" in words(client.get(FIGURES))

    def test_grades_arrivals_and_tests(self, client, world, work):
        late = make.make_submission(
            world.assignment, make.enrol(world.course, section=world.section), late=timedelta(hours=30)
        )
        make.run_of(late, double="0")
        mark(work[0], world.ta, 3)
        mark(late, world.ta, 0)
        items = queues.submissions_in_reach(world.ta, world.assignment)

        totals = {bar.label: bar.said for bar in statistics.distribution(items).bars}
        arrived = {bar.label: bar.said for bar in statistics.arrivals(items).bars}
        tests = {bar.label: bar.said for bar in statistics.pass_rates(items).bars}

        assert (totals["90–100 %"], totals["10–20 %"], totals["50–60 %"]) == ("1", "1", "0")
        assert (arrived["1 to 6 h early"], arrived["up to 3 days late"], arrived["later"]) == ("6", "1", "0")
        assert tests == {"double_test": "85.7 %", "hidden_test": "100 %"}
        client.force_login(world.ta.user)
        page = words(client.get(FIGURES))
        assert "When it came in" in page
        assert "85.7 %" in page

    def test_lateness_is_seen_from_ones_own_due_time(self, world, work):
        world.assignment.extensions.create(
            student=world.student, due_at=make.DUE + timedelta(days=5), reason="Ill", granted_by=world.ta
        )
        items = queues.submissions_in_reach(world.ta, world.assignment)
        arrived = {bar.label: bar.said for bar in statistics.arrivals(items).bars}

        assert (arrived["over 3 days early"], arrived["1 to 6 h early"]) == ("1", "5")

    def test_markers_their_means_minutes_and_drift(self, client, world, work, second_ta, time_machine):
        time_machine.move_to(make.DUE + timedelta(days=1), tick=False)
        for submission, points, minutes in zip(work[:4], (3, 3, 0, 0), (2, 4, 6, 600), strict=True):
            open_review(submission=submission, by=world.ta, take_over=True)
            review = Review.objects.filter(student=submission.student)
            review.update(held_until=make.DUE + timedelta(days=9))
            time_machine.shift(timedelta(minutes=minutes))
            mark(submission, world.ta, points, press=Press(uuid4()))
        mark(work[4], second_ta, "1.5")
        items = queues.submissions_in_reach(world.ta, world.assignment)

        first, second = statistics.graders(world.assignment, items)

        assert (first.marker, first.cells, first.mean, first.spread, first.drift) == (world.ta, 4, 50, 50, -100)
        assert first.minutes == 4
        assert first.line.startswith("0.0,0.0")
        assert (second.marker, second.mean, second.minutes, second.drift, second.line) == (
            second_ta,
            50,
            None,
            None,
            "",
        )
        assert Marking.objects.count() == 4
        client.force_login(world.ta.user)
        assert "-100" in words(client.get(FIGURES))

    def test_a_ta_sees_figures_of_their_section_alone(self, client, world, work):
        client.force_login(world.other_ta.user)

        assert "Nothing was handed in yet" in words(client.get(FIGURES))

    def test_graders_are_all_who_may_mark(self, world, second_ta):
        assert [str(g.user) for g in selectors.graders_of(world.course)] == ["Chen", "Lecturer", "Other_Ta", "Ta"]
