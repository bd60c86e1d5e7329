"""An invitation from its e-mail to the person's first page, and every way it can be closed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.accounts.errors import AlreadyHere, AlreadyLive, NotInvited, NotToBeFound, RoleAboveYours
from core.accounts.operations import invitations, keys, people
from core.audit.models import AuditEvent
from core.common import clock
from core.members.keys import find_key
from core.members.models import Invitation, Key, Member, User
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.notifications.render import context_of
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, make_member, make_user, sign_in
from tests.core.accounts.build import link_of, make_invitation, secret_of

PASSWORD = "quince-orchard-42"


def closed(response) -> bool:
    return response.status_code == 404 and b"not valid any more" in response.content


def test_inviting_enters_the_person_and_writes_one_email(cast: Cast):
    invitation = make_invitation(cast.cora)
    with tenant(cast.acme):
        email = Email.objects.get(kind="accounts.invitation")
        acts = list(AuditEvent.objects.filter(target_name="Ines").values_list("verb", flat=True))
        assert (email.member_id, email.about_id) == (invitation.member_id, invitation.pk)
        assert str(context_of(email)["link"]).endswith(link_of(invitation))
        mail = mail_of(email, settings_in_force())
    assert "Cora Acme invites you to Acme" in str(mail.body)
    assert sorted(acts) == ["invitation.sent", "member.added"]


def test_the_page_names_the_organisation_and_looking_changes_nothing(cast: Cast):
    invitation = make_invitation(cast.cora)
    for _look in range(2):
        page = Client().get(link_of(invitation))
        assert page.status_code == 200
        assert "Join Acme" in page.content.decode()
    with tenant(cast.acme):
        assert Member.objects.get(pk=invitation.member_id).state == "invited"
    assert find_key(Key.Kind.INVITATION, secret_of(invitation)) is not None


def test_a_new_person_joins_with_a_password_and_is_signed_in(cast: Cast):
    invitation, browser = make_invitation(cast.cora), Client()
    answer = browser.post(link_of(invitation), {"password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/o/acme/")
    assert browser.get("/o/acme/me/").status_code == 200
    user = User.objects.get(email="ines@acme.example")
    assert user.check_password(PASSWORD)
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True).count() == 1
    assert closed(Client().get(link_of(invitation)))
    assert closed(Client().post(link_of(invitation), {"password": PASSWORD}))


def test_a_new_person_may_join_without_a_password(cast: Cast):
    invitation, browser = make_invitation(cast.cora), Client()
    answer = browser.post(link_of(invitation), {"without_password": "yes", "password": ""})
    assert answer.status_code == 302
    assert not User.objects.get(email="ines@acme.example").has_usable_password()
    assert browser.get("/o/acme/me/").status_code == 200


@pytest.mark.parametrize("weak", ["", "short", "password1234", "ines@acme.example"])
def test_a_weak_password_is_said_at_the_field_and_lets_nobody_in(cast: Cast, weak: str):
    invitation = make_invitation(cast.cora)
    answer = Client().post(link_of(invitation), {"password": weak})
    assert answer.status_code == 422
    assert find_key(Key.Kind.INVITATION, secret_of(invitation)) is not None


def test_a_password_set_by_a_stranger_beforehand_opens_nothing_after(cast: Cast):
    """Somebody signs up with a victim's e-mail, unverified, and waits for the invitation."""
    user = User.objects.create_user("ines@acme.example", password="the stranger knows it")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    invitation = make_invitation(cast.cora)
    Client().post(link_of(invitation), {"without_password": "yes"})
    user.refresh_from_db()
    assert not user.check_password("the stranger knows it")
    assert EmailAddress.objects.get(user=user).verified


def test_a_person_with_a_sign_in_has_to_use_it_and_comes_back(cast: Cast):
    invitation = make_invitation(cast.cora, email=cast.gustav.email, given_name="Gustav")
    browser, link = Client(), link_of(invitation)
    page = browser.get(link)
    assert f"/account/login/?next={link}" in page.content.decode()
    assert browser.post(link, {"password": PASSWORD}).status_code == 200
    with tenant(cast.acme):
        assert Member.objects.get(pk=invitation.member_id).state == "invited"

    typed = {"login": cast.gustav.email, "password": "a long password", "next": link}
    assert browser.post("/account/login/", typed).headers["Location"] == link
    assert "Join Acme" in browser.get(link).content.decode()
    assert browser.post(link).headers["Location"] == "/o/acme/"
    cast.gustav.user.refresh_from_db()
    assert not cast.gustav.user.check_password(PASSWORD)
    assert browser.get("/o/acme/me/").status_code == 200
    assert browser.get("/o/globex/me/").status_code == 200


def test_somebody_elses_sign_in_is_told_so_and_cannot_accept(cast: Cast):
    invitation, pavel = make_invitation(cast.cora), sign_in(cast.pavel)
    assert "for another sign-in" in pavel.get(link_of(invitation)).content.decode()
    pavel.post(link_of(invitation), {"without_password": "yes"})
    with tenant(cast.acme):
        assert Member.objects.get(pk=invitation.member_id).state == "invited"


def test_bad_expired_withdrawn_used_and_replaced_are_one_page(cast: Cast):
    with clock.at(clock.now() - timedelta(days=8)):
        expired = make_invitation(cast.cora, email="late@acme.example")
    withdrawn = make_invitation(cast.cora, email="gone@acme.example")
    with tenant(cast.acme):
        invitations.withdraw_invitation(member=withdrawn.member, by=cast.cora)
    replaced = make_invitation(cast.cora, email="twice@acme.example")
    with tenant(cast.acme):
        invitations.send_invitation(member=replaced.member, by=cast.cora)
    used = make_invitation(cast.cora, email="used@acme.example")
    Client().post(link_of(used), {"without_password": "yes"})
    links = [link_of(row) for row in (expired, withdrawn, replaced, used)]
    answers = [Client().get(link) for link in (*links, "/invitation/nonsense/")]
    assert all(closed(answer) for answer in answers)
    assert len({answer.content for answer in answers}) == 1
    sent = [Client().post(link, {"password": PASSWORD}) for link in links]
    assert {answer.content for answer in sent} == {answers[0].content}


def test_a_key_of_another_kind_opens_no_invitation(cast: Cast):
    with tenant(cast.acme):
        _token, secret = keys.create_token(name="x", scopes=[], by=cast.cora)
    assert closed(Client().get(f"/invitation/{secret}/"))


def test_inviting_again_stops_the_older_link_and_its_unsent_email(cast: Cast):
    first = make_invitation(cast.cora)
    with tenant(cast.acme):
        second = invitations.send_invitation(member=first.member, by=cast.olga)
        emails = {row.about_id: row.withdrawn_at for row in Email.objects.all()}
    assert emails[first.pk] is not None
    assert emails[second.pk] is None
    assert Client().get(link_of(second)).status_code == 200


def test_a_withdrawn_invitation_cannot_be_withdrawn_again(cast: Cast):
    invitation = make_invitation(cast.cora)
    with tenant(cast.acme):
        invitations.withdraw_invitation(member=invitation.member, by=cast.cora)
        with pytest.raises(NotInvited):
            invitations.withdraw_invitation(member=invitation.member, by=cast.cora)


def test_nobody_invites_to_a_role_above_their_own(cast: Cast):
    with tenant(cast.acme):
        with pytest.raises(RoleAboveYours):
            invitations.invite(email="x@acme.example", given_name="X", role="owner", by=cast.cora)
        boss = make_member(cast.acme, "Boss", "owner", live=False)
        with pytest.raises(RoleAboveYours):
            invitations.send_invitation(member=boss, by=cast.cora)
        invitations.send_invitation(member=boss, by=cast.olga)
    page = sign_in(cast.cora).get("/o/acme/people/invite/").content.decode()
    assert 'value="coordinator"' in page
    assert 'value="owner"' not in page


def test_who_is_here_is_not_invited_again(cast: Cast):
    with tenant(cast.acme):
        with pytest.raises(AlreadyHere):
            invitations.invite(email="PETRA@acme.example", given_name="P", by=cast.cora)
        with pytest.raises(AlreadyLive):
            invitations.send_invitation(member=cast.petra, by=cast.cora)


def test_inviting_says_nothing_of_who_has_a_sign_in_elsewhere(cast: Cast):
    """A coordinator sees the same page for Globex's Greta as for somebody nobody knows."""
    make_user("elsewhere@else.example")
    browser, pages = sign_in(cast.cora), []
    for email in (cast.greta.email, "unknown@else.example", "elsewhere@else.example"):
        answer = browser.post(
            "/o/acme/people/invite/",
            {"email": email, "given_name": "Sam", "family_name": "", "role": "participant"},
        )
        assert answer.status_code == 302
        page = browser.get(answer.headers["Location"]).content.decode()
        main = page.partition("<main")[2].replace(email, "E")
        main = main.replace(answer.headers["Location"].split("/")[-2], "ID")
        pages.append(
            re.sub(r'csrfmiddlewaretoken" value="\w+"|<time.*?</time>|\d\d:\d\d', "", main)
        )
    assert "E" in pages[0]
    assert pages[0] == pages[1] == pages[2]


def test_everybody_who_waits_is_invited_at_once_and_only_once(cast: Cast):
    for number in range(3):
        make_member(cast.acme, f"New{number}", live=False)
    browser = sign_in(cast.cora)
    assert "Invite 3 people who wait" in browser.get("/o/acme/people/").content.decode()
    browser.post("/o/acme/people/invite-waiting/")
    browser.post("/o/acme/people/invite-waiting/")
    with tenant(cast.acme):
        assert Invitation.objects.count() == 3
        assert Email.objects.filter(kind="accounts.invitation").count() == 3


def test_an_invitation_taken_back_between_looking_and_accepting_is_refused(cast: Cast):
    invitation = make_invitation(cast.cora)
    key = find_key(Key.Kind.INVITATION, secret_of(invitation))
    with tenant(cast.acme):
        invitations.withdraw_invitation(member=invitation.member, by=cast.cora)
        with pytest.raises(NotToBeFound):
            invitations.accept_invitation(key=key, invitation=invitation)


def test_who_has_left_is_invited_back_and_joins_again(cast: Cast):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
        invitation = invitations.send_invitation(member=cast.petra, by=cast.cora)
    answer = sign_in(cast.petra).post(link_of(invitation))
    assert answer.headers["Location"] == "/o/acme/"
    with tenant(cast.acme):
        cast.petra.refresh_from_db()
    assert (cast.petra.state, cast.petra.left_at) == ("live", None)
