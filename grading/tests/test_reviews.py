"""The queue of those who mark: everything that waits is in it, nobody is given what another has open, nothing is saved twice."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from assignments.services import put_back_version
from courses.models import Role
from grading.models import Conflict, Mark, Marking, Review
from grading.services.marks import AlreadySavedError, NewMark, record_marks
from grading.services.reviews import (
    OPENED,
    Press,
    claim_next,
    leave_review,
    open_review,
    refresh_all,
    refresh_reviews,
    was_saved,
)
from tests import factories as make
from tests.pages import text_of

pytestmark = pytest.mark.django_db
SUBMISSIONS = "/courses/dl/assignments/numbers/submissions/"


@pytest.fixture
def work(world):
    return make.work_that_waits(world, 8)


def mark(submission, by, *, key=None, points=2, seen=0):
    new = {"analysis": NewMark(Decimal(points), "")}
    return record_marks(
        submission=submission, by=by, marks=new, maxima={"analysis": Decimal(3)}, seen=seen, press=key and Press(key)
    )


def walk(world, by, **wishes):
    """The students in the order in which one marker who skips them all is given them."""
    found, after = [], 0
    for _ in range(Review.objects.count()):
        review = claim_next(assignment=world.assignment, by=by, after=str(after or ""), **wishes)
        if review is None:
            break
        found.append(review.student_id)
        after = review.student_id
    return found


def review_of(submission):
    return Review.objects.get(assignment=submission.assignment, student=submission.student)


class TestWhatWaits:
    def test_work_waits_from_its_run_until_its_mark(self, world):
        submission = make.make_submission(world.assignment, world.student)
        refresh_reviews(world.assignment, [world.student])
        assert not review_of(submission).waits
        make.run_of(submission)
        assert review_of(submission).waits

        mark(submission, world.ta)

        assert not review_of(submission).waits

    def test_a_new_version_waits_again_and_putting_the_old_one_back_ends_it(self, world):
        first = make.make_submission(world.assignment, world.student, late=timedelta(hours=-2))
        make.run_of(first)
        mark(first, world.ta)
        second = make.make_submission(world.assignment, world.student)
        make.run_of(second)
        assert (review_of(second).submission, review_of(second).waits) == (second, True)

        put_back_version(
            submission=first, by=world.lecturer, at=timezone.now(), reason="Wrong file", review_began=False
        )

        assert (review_of(first).submission, review_of(first).waits) == (first, False)

    def test_what_nothing_told_the_queue_of_is_found_when_it_seems_empty(self, world, work):
        """The row is a consequence: lost, or wrong, it is derived again."""
        Review.objects.all().delete()
        assert claim_next(assignment=world.assignment, by=world.ta) is not None

        Review.objects.update(waits=False, submission=None)
        assert claim_next(assignment=world.assignment, by=world.ta) is not None

    def test_a_row_that_waits_wrongly_is_not_given_out(self, world, work):
        for submission in work:
            mark(submission, world.ta)
        Review.objects.update(waits=True)

        assert claim_next(assignment=world.assignment, by=world.ta) is None
        assert not Review.objects.filter(waits=True).exists()

    def test_deriving_again_changes_nothing_that_is_right(self, world, work):
        before = list(Review.objects.order_by("pk").values())

        refresh_all(world.assignment)

        assert list(Review.objects.order_by("pk").values()) == before


class TestOrder:
    def test_each_marker_has_an_order_that_stays_and_is_their_own(self, world, work):
        second = make.enrol(world.course, Role.TA, section=world.section)
        mine, again, theirs = walk(world, world.ta), walk(world, world.ta), ()
        Review.objects.update(holder=None, held_until=None, opened_at=None)
        theirs = walk(world, second)

        assert mine == again
        assert sorted(mine) == sorted(theirs) == sorted(s.student_id for s in work)
        assert mine != theirs

    def test_it_goes_round(self, world, work):
        order = walk(world, world.ta)

        assert claim_next(assignment=world.assignment, by=world.ta, after=str(order[-1])).student_id == order[0]

    def test_nobody_is_given_work_of_another_section_or_of_who_left(self, world, work):
        assert claim_next(assignment=world.assignment, by=world.other_ta) is None
        world.student.left_at = timezone.now()
        world.student.save()

        assert world.student.pk not in walk(world, world.ta)

    def test_nobody_is_given_work_of_somebody_they_do_not_mark(self, client, world, work):
        Conflict.objects.create(marker=world.ta, student=world.student, reason="Her brother.", stated_by=world.lecturer)

        assert world.student.pk not in walk(world, world.ta)
        client.force_login(world.ta.user)
        answer = client.get(f"{SUBMISSIONS}{world.student.pk}/1/review/", follow=True)
        assert "Somebody else marks this work" in text_of(answer)
        form = {"seen": 0, "points-analysis": "1", "comment-analysis": ""}
        client.post(f"{SUBMISSIONS}{world.student.pk}/1/review/", form)
        assert not Mark.objects.exists()

    def test_ones_own_share_comes_first_then_what_is_nobodys_and_other_shares_only_to_help(self, world, work):
        second = make.enrol(world.course, Role.TA, section=world.section)
        mine, theirs = [s.student_id for s in work[:2]], [s.student_id for s in work[2:4]]
        Review.objects.filter(student__in=mine).update(share_of=world.ta)
        Review.objects.filter(student__in=theirs).update(share_of=second)

        order = walk(world, world.ta)
        assert set(order[:2]) == set(mine)
        assert not set(order) & set(theirs)

        Review.objects.exclude(share_of=second).update(waits=False)
        for submission in work[:2] + work[4:]:
            mark(submission, world.ta)
        assert claim_next(assignment=world.assignment, by=world.ta) is None
        assert claim_next(assignment=world.assignment, by=world.ta, help_others=True).student_id in theirs


class TestLeases:
    def test_what_one_has_open_is_not_given_to_another(self, world, work):
        second = make.enrol(world.course, Role.TA, section=world.section)
        given = [claim_next(assignment=world.assignment, by=by).student_id for by in (world.ta, second)]

        assert len(set(given)) == 2

    def test_a_lease_ends_by_leaving_by_saving_and_by_itself(self, world, work):
        second = make.enrol(world.course, Role.TA, section=world.section)
        for submission in work:
            open_review(submission=submission, by=world.ta)
        assert claim_next(assignment=world.assignment, by=second) is None

        leave_review(submission=work[0], by=second)
        assert claim_next(assignment=world.assignment, by=second) is None
        leave_review(submission=work[0], by=world.ta)
        assert claim_next(assignment=world.assignment, by=second).student_id == work[0].student_id

        mark(work[1], world.ta, key=uuid4())
        assert review_of(work[1]).holder is None

        with time_machine.travel(timezone.now() + OPENED + timedelta(seconds=5), tick=False):
            assert len(set(walk(world, second))) == 7

    def test_opening_says_who_has_it_and_taking_over_takes_it(self, client, world, work):
        open_review(submission=work[0], by=world.ta)
        address = f"{SUBMISSIONS}{work[0].student_id}/1/review/"
        client.force_login(world.lecturer.user)

        page = text_of(client.get(address))
        assert "Ta opened this" in " ".join(page.split()).replace("<strong>", "").replace("</strong>", "")
        assert review_of(work[0]).holder == world.ta

        client.post(address + "hold/", {"take_over": "1"})
        assert review_of(work[0]).holder == world.lecturer
        client.force_login(world.ta.user)
        assert client.post(address + "hold/").json() == {"mine": False, "holder": "Lecturer"}

    def test_signs_of_life_keep_it_and_a_page_that_closes_gives_it_back(self, client, world, work):
        address = f"{SUBMISSIONS}{work[0].student_id}/1/review/"
        client.force_login(world.ta.user)
        client.get(address)
        opened = review_of(work[0]).opened_at

        assert client.post(address + "hold/").json() == {"mine": True, "holder": ""}
        assert review_of(work[0]).opened_at == opened
        assert client.post(address + "leave/").status_code == 204

        assert review_of(work[0]).holder is None

    def test_that_the_rest_is_on_other_desks_or_in_other_shares_is_said(self, client, world, work):
        second = make.enrol(world.course, Role.TA, section=world.section)
        for submission in work:
            open_review(submission=submission, by=world.ta)
        client.force_login(second.user)
        address = "/courses/dl/assignments/numbers/review/"
        assert "The last 8 that wait are open on other people’s desks." in text_of(client.get(address, follow=True))

        Review.objects.update(holder=None, opened_at=None, held_until=None, share_of=world.ta)
        page = text_of(client.get(address, follow=True))
        assert "Your share is done. 8 of other people’s" in page
        assert '?help=1">Help with them' in page
        helping = client.get(address + "?help=1")
        assert helping["Location"].endswith("/review/?help=1")
        assert "&amp;help=1" in text_of(client.get(helping["Location"]))
        form = {"seen": 0, "points-analysis": "", "next": "1"}
        assert client.post(helping["Location"], form)["Location"].endswith("&help=1")
        Review.objects.update(holder=None, opened_at=None, held_until=None)

        for submission in work:
            mark(submission, world.ta)
        assert "Nothing waits for you here." in text_of(client.get(address, follow=True))


class TestSavingOnce:
    def test_the_same_press_twice_is_one(self, world, work):
        key = uuid4()
        mark(work[0], world.ta, key=key)

        with pytest.raises(AlreadySavedError):
            mark(work[0], world.ta, key=key)

        assert Mark.objects.count() == Marking.objects.count() == 1
        assert was_saved(Press(key), world.ta)
        assert not was_saved(Press(key), world.lecturer)
        assert not was_saved(Press(key, "other content"), world.ta)

    def test_how_long_it_was_open_is_kept(self, world, work):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            open_review(submission=work[0], by=world.ta)
            clock.shift(timedelta(minutes=4))
            mark(work[0], world.ta, key=uuid4())

        marking = Marking.objects.get()
        assert marking.saved_at - marking.opened_at == timedelta(minutes=4)

    def test_a_page_sent_again_says_saved_and_writes_nothing(self, client, world, work):
        address = f"{SUBMISSIONS}{work[0].student_id}/1/review/"
        client.force_login(world.ta.user)
        form = {"seen": 0, "points-analysis": "2", "comment-analysis": "", "key": str(uuid4())}
        client.post(address, form)
        mark(work[0], world.lecturer, points=1, seen=Mark.objects.get().pk)

        answer = client.post(address, form, follow=True)

        assert "Saved: Student." in text_of(answer)
        assert Mark.objects.count() == 2

    def test_the_same_page_with_other_words_is_another_press(self, client, world, work):
        """The browser's Back button shows the page with its old key."""
        address = f"{SUBMISSIONS}{work[0].student_id}/1/review/"
        client.force_login(world.ta.user)
        form = {"seen": 0, "points-analysis": "2", "comment-analysis": "First words", "key": str(uuid4())}
        client.post(address, form)

        answer = client.post(address, {**form, "comment-analysis": "Better words"})

        assert answer.status_code == 409
        assert "Better words" in text_of(answer)
        client.post(address, {**form, "comment-analysis": "Better words", "seen": Mark.objects.get().pk})
        assert Mark.objects.latest("pk").comment == "Better words"
        assert Marking.objects.count() == 2

    def test_skipping_the_last_one_says_that_it_waits(self, client, world):
        submission = make.make_submission(world.assignment, world.student)
        make.run_of(submission)
        client.force_login(world.ta.user)
        page = client.get(f"/courses/dl/assignments/numbers/review/?after={world.student.pk}", follow=True)
        assert "Only what you skipped just now waits." in text_of(page)

    def test_the_browser_is_told_which_presses_arrived(self, client, world, work):
        key, other = uuid4(), uuid4()
        mark(work[0], world.ta, key=key)
        client.force_login(world.ta.user)
        address = f"/courses/dl/assignments/numbers/review/saved/?key={key}&key={other}&key=nonsense"

        assert client.get(address).json() == {"saved": [str(key)]}
        client.force_login(world.other_ta.user)
        assert client.get(address).json() == {"saved": []}

    def test_both_versions_are_shown_and_ones_own_can_be_saved_instead(self, client, world, work):
        address = f"{SUBMISSIONS}{work[0].student_id}/1/review/"
        mark(work[0], world.lecturer, points=1)
        client.force_login(world.ta.user)
        form = {"seen": 0, "points-analysis": "2.5", "comment-analysis": "Good.", "key": str(uuid4())}

        refused = client.post(address, form)

        page = text_of(refused)
        assert refused.status_code == 409
        assert "Lecturer marked this in the meantime" in page
        assert "2.5 points, “Good.”" in page
        assert 'name="points-analysis" value="2.5"' in page
        assert Mark.objects.count() == 1
        client.post(address, {**form, "seen": Mark.objects.get().pk, "key": str(uuid4())})
        assert Mark.objects.latest("pk").points == Decimal("2.5")
