"""Who somebody is: mended by staff, kept who did; two accounts made one, and two again."""

import pytest

from courses.identities.services import (
    IdentityRefused,
    last_merge,
    may_mend,
    mend_identity,
    merge_accounts,
    merge_plan,
    undo_merge,
)
from courses.invitations import new_account
from courses.models import Enrolment, OutgoingMail, Role, SettingChange, User
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db


def said(user, **more):
    now = {name: getattr(user, name) for name in ("name", "student_number", "email", "username")}
    return {**now, **more}


def fresh(world, login="second", number="", mail="", course=None):
    """A second account that nobody has used, in the course."""
    user = new_account(login=login, name="Student", mail=mail, number=number)
    user.save()
    return Enrolment.objects.create(user=user, course=course or world.course, role=Role.STUDENT)


class TestMending:
    def test_what_was_changed_is_kept_and_told(self, world):
        user = world.student.user
        User.objects.filter(pk=user.pk).update(last_login=make.DUE)
        changed = mend_identity(
            person=world.student, by=world.lecturer, said=said(user, name="Ann B", email="ann@gradus.example")
        )

        assert changed == ["Name", "Mail address"]
        user.refresh_from_db()
        assert (user.name, user.email) == ("Ann B", "ann@gradus.example")
        settings = SettingChange.objects.filter(subject="Ann B").values_list("setting", "before", "after")
        assert set(settings) == {
            ("Name", "Student", "Ann B"),
            ("Mail address", "student@gradus.example", "ann@gradus.example"),
        }
        assert {mail.recipient for mail in OutgoingMail.objects.all()} == {
            "student@gradus.example",
            "ann@gradus.example",
        }
        assert mend_identity(person=world.student, by=world.lecturer, said=said(user)) == []

    @pytest.mark.parametrize(
        ("field", "value"),
        [("email", "CLASSMATE@gradus.example"), ("username", "classmate"), ("student_number", "S2")],
    )
    def test_what_another_account_has_is_refused_at_its_field(self, world, field, value):
        User.objects.filter(pk=world.classmate.user_id).update(student_number="S2")

        with pytest.raises(IdentityRefused, match="Another account") as refused:
            mend_identity(person=world.student, by=world.lecturer, said=said(world.student.user, **{field: value}))
        assert refused.value.where == field

    def test_whose_account_may_be_changed(self, world):
        elsewhere = make.make_course("yet-another")
        both = Enrolment.objects.create(user=world.student.user, course=elsewhere, role=Role.STUDENT)

        assert "in a course that is not yours" in may_mend(world.student.user, world.lecturer)
        Enrolment.objects.create(user=world.lecturer.user, course=elsewhere, role=Role.LECTURER)
        assert may_mend(world.student.user, world.lecturer) == ""
        both.delete()
        assert "is staff" in may_mend(world.ta.user, world.lecturer)
        assert may_mend(world.lecturer.user, world.lecturer) == ""
        assert "operator" in may_mend(User(is_superuser=True), world.lecturer)
        unused = fresh(world)
        Enrolment.objects.create(user=unused.user, course=make.make_course("third"), role=Role.STUDENT)
        assert may_mend(unused.user, world.lecturer) == ""

    def test_the_page(self, client, world):
        page = f"/courses/dl/people/{world.student.pk}/account/"
        as_person(client, world.lecturer)
        form = said(world.student.user, student_number=" 2024 0001 ", username="New.Login")

        assert "Changed: Student number, Login." in words_of(client.post(page, form, follow=True))
        user = User.objects.get(pk=world.student.user_id)
        assert (user.student_number, user.username) == ("20240001", "new.login")
        bad = client.post(page, {**form, "student_number": "二〇 二四"})
        assert (bad.status_code, "one word of letters and digits" in words_of(bad)) == (422, True)
        assert client.post(page, {**form, "username": "has space"}).status_code == 422


class TestMerging:
    def test_an_empty_place_goes_and_what_the_other_lacks_comes_along(self, world):
        work = make.make_submission(world.assignment, world.student)
        second = fresh(world, number="S9", mail="second@gradus.example")

        plan = merge_plan(kept=world.student, closed=second, by=world.lecturer)
        assert (plan.refusals, plan.dropped, dict(plan.gained)) == ([], [world.course], {"student_number": "S9"})
        merge_accounts(kept=world.student, closed=second, by=world.lecturer)

        user = User.objects.get(pk=world.student.user_id)
        assert (user.student_number, user.email) == ("S9", "student@gradus.example")
        assert not User.objects.get(pk=second.user_id).is_active
        assert [e.user for e in Enrolment.objects.filter(course=world.course, user__name="Student")] == [user]
        work.refresh_from_db()
        assert work.student == world.student

    def test_where_the_other_has_the_work_its_place_comes_along(self, world):
        second = fresh(world)
        work = make.make_submission(world.assignment, second)

        merge_accounts(kept=world.student, closed=second, by=world.lecturer)

        work.refresh_from_db()
        assert work.student.user == world.student.user
        assert Enrolment.objects.filter(user=world.student.user, course=world.course).count() == 1

    def test_places_in_other_courses_move(self, world):
        later = make.make_course("later")
        Enrolment.objects.create(user=world.lecturer.user, course=later, role=Role.LECTURER)
        second = fresh(world)
        there = Enrolment.objects.create(user=second.user, course=later, role=Role.STUDENT)

        merge_accounts(kept=world.student, closed=second, by=world.lecturer)

        there.refresh_from_db()
        assert there.user == world.student.user

    @pytest.mark.parametrize("case", ["both have work", "the same", "staff", "not mine"])
    def test_what_cannot_be_made_one(self, world, case):
        second = fresh(world)
        if case == "both have work":
            make.make_submission(world.assignment, world.student)
            make.make_submission(world.assignment, second)
        closed = {"the same": world.student, "staff": world.ta}.get(case, second)
        if case == "not mine":
            Enrolment.objects.create(user=world.student.user, course=make.make_course("other"), role=Role.STUDENT)
        people = set(Enrolment.objects.values_list("pk", "user"))

        with pytest.raises(IdentityRefused):
            merge_accounts(kept=world.student, closed=closed, by=world.lecturer)
        assert set(Enrolment.objects.values_list("pk", "user")) == people

    def test_undoing_makes_two_again(self, world):
        second = fresh(world, number="S9")
        second.sections.add(world.section)
        before = {
            (e.user_id, e.course_id, tuple(e.sections.values_list("pk", flat=True))) for e in Enrolment.objects.all()
        }

        merge = merge_accounts(kept=world.student, closed=second, by=world.lecturer)
        undo_merge(merge=merge, by=world.lecturer)

        after = {
            (e.user_id, e.course_id, tuple(e.sections.values_list("pk", flat=True))) for e in Enrolment.objects.all()
        }
        assert after == before
        assert User.objects.get(username="second").student_number == "S9"
        assert User.objects.get(username="second").is_active
        assert last_merge(world.course) is None
        with pytest.raises(IdentityRefused, match="already"):
            undo_merge(merge=merge, by=world.lecturer)

    def test_the_page_shows_it_first(self, client, world):
        second = fresh(world)
        page = f"/courses/dl/people/{world.student.pk}/merge/"
        as_person(client, world.lecturer)

        looked = words_of(client.post(page, {"other": second.pk, "look": "1"}))
        assert "second can sign in no more." in looked
        assert User.objects.get(username="second").is_active
        done = words_of(client.post(page, {"other": second.pk, "merge": "1"}, follow=True))
        assert "Student has one account now, student." in done
        assert "Last merge: second became student" in done
        again = words_of(client.post("/courses/dl/people/merge/undo/", follow=True))
        assert "second and student are two accounts again." in again
        assert client.post("/courses/dl/people/merge/undo/").status_code == 404
