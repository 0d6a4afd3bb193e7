"""The list of people: found, sorted, by pages; and a mail to those who were ticked."""

import pytest
from django.core.cache import cache

from courses.models import OutgoingMail, Role, User
from courses.people_list import MOST_AN_HOUR
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PEOPLE = "/courses/dl/people/"


def names_on(answer):
    return [person.user.name for person in answer.context["people"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?q=CLASS", ["Classmate"]),
        ("?q=S-77", ["Student"]),
        ("?q=student%40gradus", ["Student"]),
        ("?who=staff", ["Lecturer", "Other_Ta", "Ta"]),
        ("?who=students&sort=name", ["Classmate", "Student"]),
        ("?who=nonsense&sort=nonsense&q=classmate", ["Classmate"]),
        ("?q=nobody", []),
    ],
)
def test_people_are_found_and_sorted(client, world, query, names):
    User.objects.filter(pk=world.student.user_id).update(student_number="S-77")

    found = names_on(as_person(client, world.lecturer).get(PEOPLE + query))

    assert found == names


def test_a_section_is_chosen(client, world):
    answer = as_person(client, world.lecturer).get(f"{PEOPLE}?section={world.section.pk}&who=students")

    assert names_on(answer) == ["Classmate", "Student"]


def test_many_people_come_in_pages(client, world, django_assert_max_num_queries):
    for _ in range(60):
        make.enrol(world.course, section=world.section)
    as_person(client, world.lecturer)

    with django_assert_max_num_queries(25):
        first = client.get(PEOPLE)
    assert len(names_on(first)) == 50
    assert "Page 1 of 2" in words_of(first)
    assert len(names_on(client.get(f"{PEOPLE}?page=2"))) == 15
    assert names_on(client.get(f"{PEOPLE}?page=99")) == names_on(client.get(f"{PEOPLE}?page=2"))


class TestMail:
    def test_it_is_written_and_sent_to_those_who_were_ticked(self, client, world):
        User.objects.filter(pk=world.classmate.user_id).update(email="")
        as_person(client, world.lecturer)
        ticked = {"person": [world.student.pk, world.classmate.pk, "x", "9" * 30]}
        page = client.post(f"{PEOPLE}mail/", ticked)
        assert "No mail address: Classmate." in words_of(page)
        assert client.post(f"{PEOPLE}mail/", {**ticked, "send": "1", "subject": "", "text": "x"}).status_code == 422

        done = client.post(
            f"{PEOPLE}mail/", {**ticked, "send": "1", "subject": "Room\nchanged", "text": "Now in 3."}, follow=True
        )

        assert "Sent to 1; a copy goes to you." in words_of(done)
        mails = {mail.recipient: (mail.subject, mail.body) for mail in OutgoingMail.objects.all()}
        assert set(mails) == {"student@gradus.example", world.lecturer.user.email}
        subject, body = mails["student@gradus.example"]
        assert (subject, body.startswith("Now in 3.")) == ("Deep Learning: Room changed", True)

    def test_nobody_writes_without_end(self, client, world):
        cache.set(f"mail-people:{world.ta.user_id}", MOST_AN_HOUR - 1, timeout=60)
        form = {"person": [world.student.pk], "send": "1", "subject": "x", "text": "x"}
        as_person(client, world.ta)

        assert "Sent to 1" in words_of(client.post(f"{PEOPLE}mail/", form, follow=True))
        over = client.post(f"{PEOPLE}mail/", form)
        assert over.status_code == 422
        assert "30 mails within an hour" in words_of(over)
        cache.delete(f"mail-people:{world.ta.user_id}")

    def test_nobody_ticked(self, client, world):
        page = as_person(client, world.lecturer).post(f"{PEOPLE}mail/", follow=True)

        assert "Tick whom you write to first." in words_of(page)

    def test_a_ta_writes_to_their_own_students_only(self, client, world):
        as_person(client, world.other_ta)

        client.post(f"{PEOPLE}mail/", {"person": [world.student.pk], "send": "1", "subject": "x", "text": "y"})

        assert not OutgoingMail.objects.exists()

    def test_assistants_tick_nobody(self, client, world):
        helper = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)

        assert 'type="checkbox"' not in text_of(as_person(client, helper).get(PEOPLE))
        assert client.post(f"{PEOPLE}mail/", {"person": [world.student.pk]}).status_code == 403
