"""Ways into an account that nobody has used: a link that leads straight to a password, a code on paper. Each works once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from courses.invitations import (
    VALID,
    InvitationRefused,
    accept_invitation,
    hash_of,
    invitation_of,
    invite,
    make_invitations,
    new_account,
)
from courses.models import Enrolment, Invitation, OutgoingMail, Role, User
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
CODES = "/courses/dl/people/codes/"
LONG = "a rather long password"


@pytest.fixture
def newcomer(world):
    """A student whose account nobody has used, without a mail address."""
    user = new_account(login="nia", name="Nia New", mail="", number="S9")
    user.save()
    return Enrolment.objects.create(user=user, course=world.course, role=Role.STUDENT)


def key_of(user):
    return make_invitations([user])[user.pk]


class TestKeys:
    def test_only_the_hash_is_kept_and_spelling_is_forgiven(self, newcomer):
        key = key_of(newcomer.user)

        assert re.fullmatch(r"([A-HJ-NP-Z2-9]{4}-){3}[A-HJ-NP-Z2-9]{4}", key)
        assert key not in str(Invitation.objects.values())
        for typed in (key, key.lower(), key.replace("-", ""), f" {key.replace('-', ' ')} "):
            assert hash_of(typed) == Invitation.objects.get().key_hash

    def test_it_works_once_and_closes_all_others(self, newcomer):
        first, second = key_of(newcomer.user), key_of(newcomer.user)
        now = timezone.now()

        user = accept_invitation(key=first, password=LONG, now=now)

        assert user.check_password(LONG)
        for key in (first, second):
            with pytest.raises(InvitationRefused, match="was used"):
                accept_invitation(key=key, password="another long one", now=now)
        assert User.objects.get(pk=user.pk).check_password(LONG)

    def test_it_ends(self, newcomer):
        key = key_of(newcomer.user)

        with pytest.raises(InvitationRefused, match="is over"):
            invitation_of(key, timezone.now() + VALID + timedelta(seconds=1))
        User.objects.filter(pk=newcomer.user_id).update(is_active=False)
        with pytest.raises(InvitationRefused, match="is over"):
            invitation_of(key, timezone.now())

    @pytest.mark.parametrize("key", ["", "AAAA-AAAA-AAAA-AAAA", "x" * 500, "\x00"])
    def test_what_is_none_is_said(self, newcomer, key):
        with pytest.raises(InvitationRefused, match="no such invitation"):
            invitation_of(key, timezone.now())


class TestPages:
    def test_the_mail_leads_straight_to_a_password_and_in(self, client, world, newcomer):
        User.objects.filter(pk=newcomer.user_id).update(email="nia@gradus.example")
        newcomer.user.refresh_from_db()
        invite(world.course, [newcomer.user])
        body = OutgoingMail.objects.get(recipient="nia@gradus.example").body
        address = re.search(r"/invitation/[A-Z0-9-]+/", body)[0]

        assert "Welcome, Nia New" in words_of(client.get(address))
        weak = client.post(address, {"new_password1": "short", "new_password2": "short"})
        assert (weak.status_code, "too short" in words_of(weak)) == (422, True)
        inside = client.post(address, {"new_password1": LONG, "new_password2": LONG}, follow=True)
        assert "Welcome. Your login is nia." in words_of(inside)
        assert "Deep Learning" in words_of(inside)
        client.logout()
        over = client.get(address)
        assert (over.status_code, "This invitation was used" in words_of(over)) == (410, True)

    def test_codes_are_made_for_paper_and_typed_in(self, client, world, newcomer):
        as_person(client, world.lecturer)
        assert "1 person has never signed in." in words_of(client.get(CODES))
        printed = client.post(CODES)
        code = re.search(r"<code>([A-Z0-9-]+)</code>", text_of(printed))[1]
        assert "Login: nia" in words_of(printed)
        assert code not in text_of(client.get(CODES))
        client.logout()

        wrong = client.post("/invitation/", {"code": "AAAA-AAAA"})
        assert (wrong.status_code, "no such invitation" in words_of(wrong)) == (422, True)
        page = client.post("/invitation/", {"code": code.lower()}, follow=True)
        assert "Welcome, Nia New" in words_of(page)
        client.post(page.redirect_chain[-1][0], {"new_password1": LONG, "new_password2": LONG})
        assert "Everybody has chosen a password." in words_of(as_person(client, world.lecturer).get(CODES))

    def test_a_code_is_made_for_those_who_were_chosen(self, client, world, newcomer):
        other = new_account(login="max", name="Max", mail="")
        other.save()
        Enrolment.objects.create(user=other, course=world.course, role=Role.STUDENT)

        as_person(client, world.lecturer).post(CODES, {"person": [newcomer.pk, "nonsense"]})

        assert [invitation.user for invitation in Invitation.objects.all()] == [newcomer.user]

    def test_nobody_gets_a_code_for_an_account_that_was_used(self, client, world):
        as_person(client, world.lecturer).post(CODES, {"person": [world.student.pk]})

        assert not Invitation.objects.exists()

    def test_the_link_stands_on_the_sign_in_page(self, client, world):
        assert 'href="/invitation/"' in text_of(client.get("/accounts/login/"))


def test_who_has_no_address_gets_no_mail_and_who_has_gets_one(world):
    with_mail = make.make_user("withmail")
    without = new_account(login="none", name="None", mail="")
    without.save()

    invite(world.course, [with_mail, without])

    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [with_mail.email]
