"""Every address × every role, in one table. An address missing from the table fails."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from tests import factories as make
from tests.addresses import Addresses, names_of, one_of_each

pytestmark = pytest.mark.django_db
ROLES = ("owner", "classmate", "ta", "other_ta", "lecturer", "stranger", "nobody")

# 200 the page, 302 sent on, 403 a member without the right, 404 does not exist for you, 405 not to be read.
OPEN, SIGN_IN = "200 200 200 200 200 200 200", "302 302 302 302 302 302 302"
MEMBERS = "200 200 200 200 200 404 302"
STUDENTS_ONLY = "200 200 302 302 302 404 302"
STAFF = "403 403 200 200 200 404 302"
LECTURER = "403 403 403 403 200 404 302"
REACH = "200 404 200 404 200 404 302"
POSTS = "405 405 405 405 405 405 302"
REVIEW = "403 403 200 404 200 404 302"
SIGNED_IN = "200 200 200 200 200 200 302"

TABLE = {
    "course-list": SIGNED_IN,
    "people-list": STAFF,
    "syllabus": MEMBERS,
    "export-list": LECTURER,
    "export-file": LECTURER,
    "course-archive": POSTS,
    "course-delete": POSTS,
    "roster-create": LECTURER,
    "person-create": LECTURER,
    "person-update": LECTURER,
    "people-mail": POSTS,
    "student-detail": "403 403 200 404 200 404 302",
    "identity-update": LECTURER,
    "account-merge": LECTURER,
    "account-merge-undo": POSTS,
    "code-list": LECTURER,
    "invitation-code": OPEN,
    "invitation-accept": "410 410 410 410 410 410 410",
    "roster-detail": LECTURER,
    "roster-undo": POSTS,
    "course-setup": LECTURER,
    "course-publish": POSTS,
    "course-file": LECTURER,
    "late-rule": LECTURER,
    "attendance-list": MEMBERS,
    "attendance-detail": STAFF,
    "scheme-update": LECTURER,
    "final-grades": LECTURER,
    "final-change": LECTURER,
    "gradebook-downloads": STAFF,
    "course-part": LECTURER,
    "rollover-create": LECTURER,
    "rollover-report": "403 403 403 403 200 404 302",
    "student-view": POSTS,
    "announcement-list": MEMBERS,
    "announcement-remove": POSTS,
    "material-file": MEMBERS,
    "entered-list": LECTURER,
    "entered-update": LECTURER,
    "entered-undo": POSTS,
    "course-create": "404 404 404 404 200 200 302",
    "assignment-list": MEMBERS,
    "assignment-create": LECTURER,
    "assignment-detail": MEMBERS,
    "assignment-update": LECTURER,
    "notebook-create": "403 403 403 403 302 404 302",
    "student-version": MEMBERS,
    "notebook-source": STAFF,
    "notebook-check": STAFF,
    "check-report": STAFF,
    "data-list": STAFF,
    "data-detail": MEMBERS,
    "data-remove": POSTS,
    "submission-create": "302 302 302 302 302 404 302",
    "replacement-confirm": "200 404 404 404 404 404 302",
    "assignment-remove": POSTS,
    "assignment-late-rule": LECTURER,
    "accommodation-list": LECTURER,
    "setting-history": LECTURER,
    "extension-list": STAFF,
    "extension-request": "200 200 302 302 302 404 302",
    "extension-withdraw": POSTS,
    "extension-decline": POSTS,
    "submission-file": REACH,
    "paper-skeleton": "404 404 404 404 404 404 302",
    "submission-code": "404 404 404 404 404 404 302",
    "submission-receipt": REACH,
    "receipt-verify": OPEN,
    "project-detail": MEMBERS,
    "group-update": POSTS,
    "group-list": STAFF,
    "group-board": MEMBERS,
    "group-decide": POSTS,
    "approach-answer": POSTS,
    "topic-list": MEMBERS,
    "topic-detail": "200 404 200 404 200 404 302",
    "paper-check": MEMBERS,
    "submission-page": REACH,
    "submission-on-behalf": STAFF,
    "member-add": POSTS,
    "criteria-update": LECTURER,
    "contribution-update": "200 404 404 404 404 404 302",
    "contribution-list": LECTURER,
    "talk-programme": MEMBERS,
    "talk-selection": LECTURER,
    "talk-day": STAFF,
    "talk-review": STAFF,
    "talk-attendance": POSTS,
    "ballot-update": STUDENTS_ONLY,
    "vote-screen": STAFF,
    "vote-detail": STAFF,
    "ballot-exclude": POSTS,
    "course-detail": MEMBERS,
    "gradebook": STAFF,
    "gradebook-summary": STAFF,
    "gradebook-workbook": STAFF,
    "export-columns": LECTURER,
    "cell-detail": REVIEW,
    "gradebook-export": STAFF,
    "standing": STUDENTS_ONLY,
    "submission-list": STAFF,
    "review-next": "403 403 302 302 302 404 302",
    "marking-plan": LECTURER,
    "assignment-statistics": STAFF,
    "second-next": "403 403 302 302 302 404 302",
    "second-create": "403 403 200 404 404 404 302",
    "rubric-update": STAFF,
    "regrade-list": MEMBERS,
    "regrade-create": "200 404 404 404 404 404 302",
    "regrade-detail": "200 404 200 404 200 404 302",
    "release-create": LECTURER,
    "release-preview": LECTURER,
    "similarity-report": LECTURER,
    "similar-pair": LECTURER,
    "submission-detail": REACH,
    "submission-read": REACH,
    "submission-feedback": "200 404 404 404 404 404 302",
    "submission-frame": REACH,
    "submission-put-back": POSTS,
    "submission-rerun": REVIEW,
    "rerun-frame": REVIEW,
    "submission-versions": REACH,
    "run-create": POSTS,
    "review-create": REVIEW,
    "review-hold": POSTS,
    "note-create": POSTS,
    "review-leave": POSTS,
    "review-saved": STAFF,
    "calendar-address": SIGNED_IN,
    "calendar-feed": OPEN,
    "operations": "404 404 404 404 200 200 302",
    "api-schema": "200 200 200 200 200 200 403",
    "api-course-list": "200 200 200 200 200 200 403",
    "api-assignment-list": "200 200 200 200 200 404 403",
    "api-submission-create": "405 405 405 405 405 405 403",
    "api-submission-detail": "200 404 200 404 200 404 403",
    "account_login": "302 302 302 302 302 302 200",
    "account_logout": "200 200 200 200 200 200 302",
    "account_inactive": OPEN,
    "account_signup": "302 302 302 302 302 302 200",
    "account_reauthenticate": SIGNED_IN,
    "account_email_verification_sent": OPEN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGN_IN,
    "account_reset_password": OPEN,
    "account_confirm_login_code": SIGN_IN,
    "account_confirm_email": OPEN,
    "account_reset_password_done": OPEN,
    "account_reset_password_from_key": OPEN,
    "account_reset_password_from_key_done": OPEN,
}


@pytest.fixture
def submission(world):
    return one_of_each(world)


def sign_in(client, world, role):
    person = {"owner": world.student, "nobody": None}.get(role) or getattr(world, role, None)
    if role != "nobody":
        client.force_login(person.user)


def differing(found, table, role):
    """Name → (what came, what the table says), for those that differ."""
    wanted = {name: int(codes.split()[ROLES.index(role)]) for name, codes in table.items()}
    return {name: (code, wanted[name]) for name, code in found.items() if code != wanted[name]}


def test_the_table_has_every_address():
    assert set(names_of(get_resolver().url_patterns)) == set(TABLE)


@pytest.mark.parametrize("role", ROLES)
def test_every_address_answers_each_role_as_the_table_says(client, world, submission, role):
    sign_in(client, world, role)
    pages = Addresses(submission)

    found = {name: client.get(pages[name]).status_code for name in TABLE}

    assert differing(found, TABLE, role) == {}


POSTED = {
    "entered-update": "403 403 403 403 302 404 302",
    "entered-undo": "403 403 403 403 302 404 302",
    "export-columns": "403 403 403 403 302 404 302",
    "cell-detail": "403 403 200 404 422 404 302",
    "late-rule": "403 403 403 403 422 404 302",
    "scheme-update": "403 403 403 403 422 404 302",
    "rollover-create": "403 403 403 403 422 404 302",
    "course-part": "403 403 403 403 422 404 302",
    "person-create": "403 403 403 403 422 404 302",
    "announcement-list": "403 403 422 422 422 404 302",
    "announcement-remove": "403 403 404 404 302 404 302",
    "person-update": "403 403 403 403 422 404 302",
    "roster-create": "403 403 403 403 422 404 302",
    "roster-detail": "403 403 403 403 422 404 302",
    "roster-undo": "403 403 403 403 302 404 302",
    "course-create": "404 404 404 404 422 422 302",
    "course-publish": "403 403 403 403 302 404 302",
    "export-list": "403 403 403 403 302 404 302",
    "course-delete": "403 403 403 403 302 404 302",
    "assignment-create": "403 403 403 403 200 404 302",
    "assignment-update": "403 403 403 403 200 404 302",
    "notebook-create": "403 403 403 403 422 404 302",
    "data-list": "403 403 403 403 422 404 302",
    "data-remove": "403 403 403 403 302 404 302",
    "submission-create": "422 422 302 302 302 404 302",
    "extension-list": STAFF,
    "assignment-late-rule": "403 403 403 403 422 404 302",
    "accommodation-list": "403 403 403 403 422 404 302",
    "extension-request": "422 422 302 302 302 404 302",
    "extension-withdraw": "403 403 302 404 302 404 302",
    "extension-decline": "403 403 302 404 302 404 302",
    "submission-put-back": "302 404 302 404 302 404 302",
    "run-create": "403 403 302 404 302 404 302",
    "review-create": "403 403 200 404 200 404 302",
    "note-create": "403 403 302 404 302 404 302",
    "review-hold": "403 403 200 404 200 404 302",
    "review-leave": "403 403 204 404 204 404 302",
    "marking-plan": "403 403 403 403 302 404 302",
    "second-create": "403 403 422 404 404 404 302",
    "rubric-update": STAFF,
    "regrade-create": "422 404 404 404 404 404 302",
    "regrade-detail": "200 404 200 404 200 404 302",
    "release-create": "403 403 403 403 302 404 302",
    "similarity-report": "403 403 403 403 302 404 302",
    "similar-pair": "403 403 403 403 302 404 302",
    "replacement-confirm": "302 404 404 404 404 404 302",
    "api-submission-create": "422 422 404 404 404 404 403",
    "group-update": "302 302 404 404 404 404 302",
    "group-list": "403 403 422 422 422 404 302",
    "topic-detail": "422 404 422 404 422 404 302",
    "submission-on-behalf": "403 403 422 422 422 404 302",
    "paper-check": "422 422 422 422 422 404 302",
    "criteria-update": "403 403 403 403 422 404 302",
    "contribution-update": "302 404 404 404 404 404 302",
    "contribution-list": "403 403 403 403 302 404 302",
    "group-board": "302 302 404 404 404 404 302",
    "group-decide": "403 403 302 404 302 404 302",
    "approach-answer": "404 302 404 404 404 404 302",
    "talk-selection": "403 403 403 403 302 404 302",
    "talk-day": "403 403 404 404 404 404 302",
    "talk-review": "403 403 302 302 302 404 302",
    "talk-attendance": "403 403 302 302 302 404 302",
    "ballot-update": "302 302 302 302 302 404 302",
    "vote-detail": "403 403 403 403 302 404 302",
    "ballot-exclude": "403 403 403 403 302 404 302",
    "course-archive": "403 403 403 403 302 404 302",  # near the end: what follows changes nothing
    "student-view": "403 403 302 302 302 404 302",  # last: after it nothing else can be sent
}


@pytest.mark.parametrize("role", ROLES)
def test_every_form_answers_each_role_as_the_table_says(client, world, submission, role):
    sign_in(client, world, role)
    pages = Addresses(submission)

    found = {name: client.post(pages[name], {}).status_code for name in POSTED}

    assert differing(found, POSTED, role) == {}


def test_an_unpublished_course_does_not_exist_for_its_students(client, world, submission):
    type(world.course).objects.update(is_published=False)
    client.force_login(world.student.user)

    assert client.get(f"/courses/{world.course.slug}/").status_code == 404


def test_an_assignment_that_has_not_opened_does_not_exist_for_students(client, world):
    later = timezone.now() + timedelta(days=30)
    make.make_assignment(world.course, "later", due_at=later)
    for person, code in ((world.student, 404), (world.ta, 200)):
        client.force_login(person.user)
        assert client.get(f"/courses/{world.course.slug}/assignments/later/").status_code == code
    client.force_login(world.student.user)
    assert "Later" not in client.get(f"/courses/{world.course.slug}/assignments/").content.decode()


def test_who_left_the_course_is_a_stranger(client, world):
    world.student.left_at = timezone.now()
    world.student.save()
    client.force_login(world.student.user)

    assert client.get(f"/courses/{world.course.slug}/").status_code == 404


def test_pages_carry_a_strict_policy(client, world):
    client.force_login(world.student.user)

    answer = client.get("/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("number", ["0", "999999999", "1" + "0" * 30])
def test_a_number_that_names_nothing_is_not_found(client, world, submission, number):
    """Also one that no database takes."""
    client.force_login(world.lecturer.user)

    for path in (
        f"assignments/numbers/submissions/g{number}/{number}/",
        f"assignments/numbers/submissions/{number}/{number}/",
    ):
        assert client.get(f"/courses/{world.course.slug}/{path}").status_code == 404


def test_student_bytes_are_never_served_as_a_page(client, world, submission):
    client.force_login(world.ta.user)

    answer = client.get(Addresses(submission)["submission-file"])

    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith('attachment; filename="numbers-v1.ipynb"')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert make.read_notebook(answer.content)["nbformat"] == 4
