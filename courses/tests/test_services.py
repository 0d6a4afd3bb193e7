"""Storage, mail, versions of the late rule, and what the database itself refuses."""

from datetime import date
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from courses import services, storage
from courses.models import Course, Enrolment, LatePolicy, OutgoingMail, Role, StoredFile, User
from courses.policy.lateness import LateRule
from courses.selectors import current_late_rule, enrolments_of
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_the_same_bytes_are_stored_once():
    first, second = storage.store(b"abc"), storage.store(b"abc")

    assert first == second
    assert StoredFile.objects.count() == 1
    assert storage.read(first) == b"abc"


def test_damaged_bytes_are_never_given_out():
    stored = storage.store(b"abc")
    Path(default_storage.path(storage.path_of(stored.sha256))).write_bytes(b"abd")

    with pytest.raises(ValueError, match="damaged"):
        storage.read(stored)


def test_late_policies_are_versions():
    course = make.make_course()

    newer = services.create_late_policy(course=course, rule=LateRule(), reason="No discount this year")

    assert newer.version == 2
    assert current_late_rule(course) == LateRule()
    assert LatePolicy.objects.get(course=course, version=1).parsed == make.XMU_RULE


def test_waiting_mail_is_sent_once():
    OutgoingMail.objects.create(recipient="a@gradus.example", subject="Received", body="…")

    assert services.send_waiting_mail() == 1
    assert services.send_waiting_mail() == 0
    assert [m.subject for m in mail.outbox] == ["Received"]


def test_an_unpublished_course_is_listed_for_its_staff_only():
    course = make.make_course(is_published=False)
    student, lecturer = make.enrol(course), make.enrol(course, Role.LECTURER)

    assert [e.course for e in enrolments_of(student.user)] == []
    assert [e.course for e in enrolments_of(lecturer.user)] == [course]


@pytest.mark.parametrize(
    "broken",
    [
        lambda course, user: Enrolment.objects.create(course=course, user=user, role=99),
        lambda course, user: [Enrolment.objects.create(course=course, user=user, role=10) for _ in range(2)],
        lambda course, user: [course.sections.create(name="A") for _ in range(2)],
        lambda course, user: LatePolicy.objects.create(course=course, version=1, rule={}),
        lambda course, user: StoredFile.objects.create(sha256="short", size=1),
        lambda course, user: User.objects.create(username="x", email=user.email),
        lambda course, user: [User.objects.create(username=n, email=n, student_number="7") for n in "ab"],
        lambda course, user: Course.objects.create(slug=course.slug, title="x", term="x", week_one=date(2026, 9, 7)),
    ],
)
def test_the_database_refuses(broken):
    course, user = make.make_course(), make.make_user()

    with pytest.raises(IntegrityError), transaction.atomic():
        broken(course, user)


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Asia/Xiamen"), ("week_one", date(2026, 9, 8))])
def test_a_course_with_an_impossible_calendar_is_invalid(field, value):
    course = make.make_course()
    setattr(course, field, value)

    with pytest.raises(ValidationError):
        course.full_clean()
