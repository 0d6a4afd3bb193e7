"""Who somebody is: mended by staff, kept who did; two accounts made one, and two again."""

import re

import pytest

from assignments.models import PendingReplacement
from courses.identities.services import (
    IdentityRefused,
    last_merge,
    may_mend,
    mend_identity,
    merge_accounts,
    merge_plan,
    undo_merge,
)
from courses.invitations import make_invitations, new_account
from courses.models import Enrolment, Invitation, OutgoingMail, Role, SettingChange, User
from courses.roster_accounts import Accounts
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
        assert may_mend(unused.user, world.lecturer) == ""
        Enrolment.objects.create(user=unused.user, course=make.make_course("third"), role=Role.STUDENT)
        assert "in a course that is not yours" in may_mend(unused.user, world.lecturer)

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


class TestNobodyComesInByAnAccountThatWasNotUsed:
    """Whoever may print a code, change a mail address or merge has the account, in every course."""

    @pytest.fixture
    def victim(self, world):
        """A lecturer of another course who has never signed in, and was put into this one by its roster."""
        place = fresh(world, "prof", mail="prof@gradus.example")
        Enrolment.objects.create(user=place.user, course=world.stranger.course, role=Role.LECTURER)
        return place

    def test_no_code(self, client, world, victim):
        as_person(client, world.lecturer)

        answer = client.post("/courses/dl/people/codes/", {"person": victim.pk})

        assert answer.context["codes"] == []
        assert not Invitation.objects.exists()

    def test_no_other_mail_address(self, world, victim):
        with pytest.raises(IdentityRefused, match="not yours"):
            mend_identity(person=victim, by=world.lecturer, said=said(victim.user, email="me@gradus.example"))

    def test_no_merging(self, world, victim):
        assert merge_plan(kept=world.student, closed=victim, by=world.lecturer).refusals
        with pytest.raises(IdentityRefused):
            merge_accounts(kept=world.student, closed=victim, by=world.lecturer)

    @pytest.mark.parametrize(("mail", "has_code"), [("", True), ("b@gradus.example", False)])
    def test_a_student_of_two_courses_has_a_code_where_no_mail_goes(self, client, world, mail, has_code):
        place = fresh(world, mail=mail)
        Enrolment.objects.create(user=place.user, course=world.stranger.course, role=Role.STUDENT)
        as_person(client, world.lecturer)

        answer = client.post("/courses/dl/people/codes/", {"person": place.pk})

        assert [person for person, _ in answer.context["codes"]] == ([place] if has_code else [])


def test_the_link_that_went_to_a_wrong_address_opens_nothing(client, world):
    place = fresh(world, mail="wrong@gradus.example")
    key = make_invitations([place.user])[place.user_id]

    mend_identity(person=place, by=world.lecturer, said=said(place.user, email="right@gradus.example"))

    assert client.get(f"/invitation/{key}/").status_code == 410
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "right@gradus.example"
    assert "you are a student of" in mail.body
    link = re.search(r"/invitation/[^/]+/", mail.body)
    assert client.get(link[0] if link else "").status_code == 200


@pytest.mark.parametrize("between", ["-", " ", "/", "", " . "])
def test_a_code_is_taken_however_it_is_typed(client, world, between):
    key = make_invitations([fresh(world).user]).popitem()[1]

    answer = client.post("/invitation/", {"code": between.join(key.split("-"))}, follow=True)

    assert "password" in words_of(answer)


class TestMergingKeepsPeopleInTheCourse:
    @pytest.mark.parametrize("kept_left", [True, False])
    def test_who_is_in_it_by_one_of_the_two_is_in_it(self, world, kept_left):
        kept, closed = fresh(world), fresh(world, "third")
        kept.sections.add(world.section)
        closed.sections.add(world.other_section)
        left = kept if kept_left else closed
        Enrolment.objects.filter(pk=left.pk).update(left_at=make.DUE)

        merge = merge_accounts(kept=kept, closed=closed, by=world.lecturer)

        place = Enrolment.objects.get(user=kept.user, course=world.course)
        assert place.left_at is None
        assert set(place.sections.all()) == {world.section, world.other_section}
        undo_merge(merge=merge, by=world.lecturer)
        rows = {e.user_id: e for e in Enrolment.objects.filter(user__in=[kept.user_id, closed.user_id])}
        assert {pk for pk, row in rows.items() if row.left_at} == {left.user_id}
        assert set(rows[kept.user_id].sections.all()) == {world.section}
        assert set(rows[closed.user_id].sections.all()) == {world.other_section}


class TestUndoingWhatHasMovedOn:
    @pytest.fixture
    def merged(self, world):
        kept, closed = fresh(world), fresh(world, "third", number="S77")
        closed.sections.add(world.section)
        return merge_accounts(kept=kept, closed=closed, by=world.lecturer)

    def test_the_number_belongs_to_somebody_else_by_now(self, client, world, merged):
        User.objects.filter(pk=merged.kept_id).update(student_number="")
        User.objects.filter(pk=world.classmate.user_id).update(student_number="S77")

        undo_merge(merge=merged, by=world.lecturer)

        assert User.objects.get(pk=world.classmate.user_id).student_number == "S77"
        assert User.objects.get(pk=merged.closed_id).is_active

    def test_a_number_that_was_mended_since_stays(self, world, merged):
        User.objects.filter(pk=merged.kept_id).update(student_number="S88")

        undo_merge(merge=merged, by=world.lecturer)

        assert User.objects.get(pk=merged.kept_id).student_number == "S88"

    def test_a_section_or_course_that_is_gone_stays_gone(self, world, merged):
        world.section.delete()

        undo_merge(merge=merged, by=world.lecturer)

        assert Enrolment.objects.get(user=merged.closed_id).course == world.course

    def test_who_came_into_the_course_again_stops_it(self, client, world, merged):
        Enrolment.objects.create(user_id=merged.closed_id, course=world.course, role=Role.STUDENT)
        as_person(client, world.lecturer)

        answer = client.post("/courses/dl/people/merge/undo/", follow=True)

        assert "nothing was undone" in words_of(answer)
        assert not User.objects.get(pk=merged.closed_id).is_active

    def test_the_kept_one_was_closed_itself(self, world, merged):
        kept = Enrolment.objects.get(user=merged.kept_id)
        merge_accounts(kept=fresh(world, "fourth"), closed=kept, by=world.lecturer)

        with pytest.raises(IdentityRefused, match="undo that one first"):
            undo_merge(merge=merged, by=world.lecturer)


class TestRostersMeetAccounts:
    def accounts(self, **words):
        person = {"row": 2, "number": "", "login": "", "mail": "", "name": "Student", **words}
        return Accounts([person]).of(person)

    def test_a_closed_account_means_the_one_it_became(self, world):
        kept, closed = fresh(world), fresh(world, "typo")
        merge_accounts(kept=kept, closed=closed, by=world.lecturer)

        assert self.accounts(login="typo").user == kept.user

    def test_an_account_that_was_closed_otherwise_is_said(self, world):
        User.objects.filter(pk=fresh(world, number="S9").user_id).update(is_active=False)

        assert "is closed" in self.accounts(number="S9").problem

    @pytest.mark.parametrize("number", ["s2024x", "S2024X"])
    def test_a_number_is_one_in_any_case(self, world, number):
        assert self.accounts(number=number).user is None
        place = fresh(world, number="s2024x")

        assert self.accounts(number=number).user == place.user
        assert not self.accounts(number=number).problem


def test_a_place_in_an_archived_course_is_not_moved(world):
    kept, closed = fresh(world), fresh(world, "third")
    other = make.make_course("old", archived_at=make.DUE)
    for person in (world.lecturer, closed):
        Enrolment.objects.create(user=person.user, course=other, role=person.role)

    with pytest.raises(IdentityRefused, match="is archived"):
        merge_accounts(kept=kept, closed=closed, by=world.lecturer)


def test_an_upload_that_waits_for_a_yes_is_work(world):
    kept, closed = fresh(world), fresh(world, "third")
    PendingReplacement.objects.create(
        assignment=world.assignment, student=closed, file=make.make_submission(world.assignment, kept).file,
        original_name="x.ipynb", received_at=make.DUE, completed_at=make.DUE, handed_in_by=closed,
    )  # fmt: skip

    with pytest.raises(IdentityRefused, match="Both have work"):
        merge_accounts(kept=kept, closed=closed, by=world.lecturer)
