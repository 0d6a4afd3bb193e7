"""Bringing a due time forward asks first, and mails those who have not handed in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assignments.extensions import grant_extension
from courses.models import OutgoingMail
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PAGE = "/courses/dl/assignments/numbers/edit/"


@pytest.fixture
def due(world):
    """In nine days; the classmate has handed in."""
    due = (timezone.now() + timedelta(days=9)).replace(second=59, microsecond=0)
    type(world.assignment).objects.filter(pk=world.assignment.pk).update(due_at=due, opens_at=due - timedelta(days=20))
    world.assignment.due_at = due
    make.make_submission(world.assignment, world.classmate)
    return due


def form_of(client, world, due, **more):
    page = as_person(client, world.lecturer).get(PAGE)
    sent = {name: field.value() for name, field in ((f.name, f) for f in page.context["form"])}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    zone = world.course.zone
    sent["opens_at"] = f"{(due - timedelta(days=20)).astimezone(zone):%Y-%m-%dT%H:%M}"
    return sent | {"due_at": f"{due.astimezone(zone):%Y-%m-%dT%H:%M}"} | more


def due_now(world):
    return type(world.assignment).objects.get(pk=world.assignment.pk).due_at


def test_it_asks_and_tells_only_those_who_have_nothing(client, world, due):
    sent = form_of(client, world, due - timedelta(days=2), opens_at=form_of(client, world, due)["opens_at"])

    asked = client.post(PAGE, sent)

    assert "earlier than before. 1 of 2 students have handed in nothing; they are told by mail." in words_of(asked)
    assert (due_now(world), OutgoingMail.objects.count()) == (due, 0)
    client.post(PAGE, sent | {"seen": asked.context["seen"]})

    assert due_now(world) == due - timedelta(days=2)
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == (world.student.user.email, "Due earlier: Numbers")


def test_a_later_due_time_is_saved_at_once(client, world, due):
    answer = client.post(PAGE, form_of(client, world, due + HOUR, opens_at=form_of(client, world, due)["opens_at"]))

    assert answer.status_code == 302
    assert (due_now(world), OutgoingMail.objects.count()) == (due + HOUR, 0)


def test_who_has_more_time_than_that_is_not_troubled(client, world, due):
    grant_extension(assignment=world.assignment, by=world.ta, due_at=due + HOUR, reason="Ill", student=world.student)
    OutgoingMail.objects.all().delete()
    sent = form_of(client, world, due - HOUR, opens_at=form_of(client, world, due)["opens_at"])

    asked = client.post(PAGE, sent)

    assert "0 of 1 students have handed in nothing" in words_of(asked)


def test_a_groups_members_are_told(client, world):
    stage = groups.stage_of(groups.make_project(world.course, due_at=timezone.now() + timedelta(days=9)))
    groups.make_group(stage.groups.project, world.student, world.classmate, name="Owls")
    page = "/courses/dl/assignments/proposal/edit/"
    shown = as_person(client, world.lecturer).get(page)
    sent = {f.name: f.value() for f in shown.context["form"] if f.value() is not None and f.value() is not False}
    earlier = (stage.due_at - timedelta(days=1)).astimezone(world.course.zone)
    sent |= {
        "due_at": f"{earlier:%Y-%m-%dT%H:%M}",
        "questions": "What?",
    }

    asked = client.post(page, sent)

    assert "1 of 1 groups have handed in nothing" in words_of(asked)
