"""Marks that people entered are told to those who see them, and can be taken back."""

from decimal import Decimal

import pytest

from assignments.models import Assignment
from courses.models import OutgoingMail
from grading.entered.selectors import entered_grades
from grading.entered.services import EnteringRefused, Entry, record_entered, release_entered, withdraw_entered
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def exam(world):
    make.make_scheme(world.course, world.assignment)
    return Assignment.objects.get(title="Exam")


class TestTakingBack:
    @pytest.fixture
    def shown(self, world, exam):
        record_entered(target=exam, by=world.lecturer, entries={world.student: Entry(D(80), "", 0)})
        release_entered(target=exam, by=world.lecturer)
        return exam

    def test_who_sees_another_mark_is_told(self, world, shown):
        mail = OutgoingMail.objects.get(subject="Mark released: Exam")
        assert mail.recipient == world.student.user.email
        assert "80" in mail.body

        release_entered(target=shown, by=world.lecturer)

        assert OutgoingMail.objects.filter(subject="Mark released: Exam").count() == 1

    def test_it_is_shown_no_longer_and_the_marks_stay(self, client, world, shown):
        page = as_person(client, world.lecturer).post(
            f"/courses/dl/marks/{shown.slug}/withdraw/", {"reason": "Miscounted."}
        )

        grade = entered_grades(world.course, [world.student])[shown.pk, world.student.pk]
        assert page.status_code == 302
        assert (grade.shown, grade.grade.total) == (None, 80)
        assert "Miscounted." in OutgoingMail.objects.get(subject="Mark taken back: Exam").body
        assert "Took the marks back: Miscounted." in words_of(
            client.get(f"/courses/dl/gradebook/{shown.slug}/{world.student.pk}/")
        )

    def test_not_without_a_reason_nor_twice(self, world, shown):
        with pytest.raises(EnteringRefused, match="Say why"):
            withdraw_entered(target=shown, by=world.lecturer, reason="")
        assert withdraw_entered(target=shown, by=world.lecturer, reason="x") == 1
        with pytest.raises(EnteringRefused, match="Nothing of it is shown"):
            withdraw_entered(target=shown, by=world.lecturer, reason="x")

    def test_released_again_it_is_seen_and_told_again(self, world, shown):
        withdraw_entered(target=shown, by=world.lecturer, reason="x")

        release_entered(target=shown, by=world.lecturer)

        assert entered_grades(world.course, [world.student])[shown.pk, world.student.pk].shown.total == 80
        assert OutgoingMail.objects.filter(subject="Mark released: Exam").count() == 2
