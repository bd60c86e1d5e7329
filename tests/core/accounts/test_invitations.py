"""An invitation from its e-mail to the person's first page, and every way it can be closed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.accounts.errors import (
    AlreadyHere,
    AlreadyLive,
    NoMailbox,
    NotInvited,
    NotToBeFound,
    RoleAboveYours,
)
from core.accounts.operations import addresses, invitations, keys, people
from core.accounts.operations.invitations import Place
from core.accounts.queries import invitable
from core.audit.models import AuditEvent
from core.common import clock
from core.members.keys import find_key
from core.members.links import SignedLink, read_link, signed_path
from core.members.models import Invitation, Key, Member, User
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.notifications.operations import Link, enqueue
from core.notifications.render import UNSUBSCRIBE, path_of
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
        acts = list(
            AuditEvent.objects.filter(target_id=invitation.member_id).values_list("verb", flat=True)
        )
        assert (email.member_id, email.about_id) == (invitation.member_id, invitation.pk)
        assert path_of(email) == link_of(invitation)
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


def test_an_invitation_taken_back_between_looking_and_accepting_is_refused(cast: Cast):
    invitation = make_invitation(cast.cora)
    key = find_key(Key.Kind.INVITATION, secret_of(invitation))
    with tenant(cast.acme):
        invitations.withdraw_invitation(member=invitation.member, by=cast.cora)
        with pytest.raises(NotToBeFound):
            invitations.accept_invitation(key=key, invitation=invitation)


def test_who_has_left_is_invited_back_and_joins_again_but_old_links_stay_dead(cast: Cast):
    link = SignedLink("acme", cast.petra.pk, cast.petra.pk)
    before = signed_path(UNSUBSCRIBE, link, at=clock.now())
    with tenant(cast.acme):
        enqueue(
            member=cast.petra,
            kind="feedback.check_in",
            dedupe_key="due later",
            link=Link(page="me/"),
            due_at=clock.now() + timedelta(days=3),
        )
        people.mark_left(member=cast.petra, by=cast.cora)
        assert Email.objects.get(dedupe_key="due later").withdrawn_at is not None
        invitation = invitations.send_invitation(member=cast.petra, by=cast.cora)
    answer = sign_in(cast.petra).post(link_of(invitation))
    assert answer.headers["Location"] == "/o/acme/"
    with tenant(cast.acme):
        cast.petra.refresh_from_db()
    assert cast.petra.state == "live"
    assert cast.petra.left_at is not None
    assert Client().get(before).status_code == 404
    later = clock.now() + timedelta(minutes=1)
    with clock.at(later):
        after = signed_path(UNSUBSCRIBE, link, at=later)
        with tenant(cast.acme):
            assert not before_leaving(after, cast)


def before_leaving(path: str, cast: Cast) -> bool:
    read = read_link(UNSUBSCRIBE, path.split("/")[3], max_age=timedelta(days=1))
    assert read is not None
    return read.signed_at <= cast.petra.left_at.timestamp()


def test_an_invitation_is_declined_once_and_the_list_shows_it(cast: Cast):
    invitation, browser = make_invitation(cast.cora), Client()
    assert "Decline the invitation" in browser.get(link_of(invitation)).content.decode()
    answer = browser.post(link_of(invitation), {"decline": "yes"})
    assert "You have declined" in answer.content.decode()
    assert closed(browser.get(link_of(invitation)))
    assert closed(browser.post(link_of(invitation), {"decline": "yes"}))
    cora = sign_in(cast.cora)
    page = cora.get("/o/acme/people/?invited=declined").content.decode()
    assert "Ines" in page
    assert "declined on" in page
    with tenant(cast.acme):
        assert Email.objects.count() == 1
        assert not invitable(cast.cora).exists()
        again = invitations.send_invitation(member=invitation.member, by=cast.cora)
    assert again.reminded_at is None
    assert Client().get(link_of(again)).status_code == 200


def test_a_reminder_brings_a_fresh_link_and_the_list_keeps_both_days(cast: Cast):
    sent = clock.now() - timedelta(days=9)
    with clock.at(sent):
        first = make_invitation(cast.cora)
    assert closed(Client().get(link_of(first)))
    assert "run out" in sign_in(cast.cora).get("/o/acme/people/?invited=late").content.decode()
    with tenant(cast.acme):
        assert invitations.send_invitations(members=[first.member], by=cast.cora) == 1
        second = Invitation.objects.open().get(member=first.member)
        assert (second.first_sent_at, second.reminded_at) == (sent, second.created_at)
    assert Client().get(link_of(second)).status_code == 200
    page = sign_in(cast.cora).get("/o/acme/people/?invited=waiting").content.decode()
    assert "reminded on" in page


def test_the_email_says_into_what_and_until_when(cast: Cast):
    ines = make_member(cast.acme, "Ines", live=False)
    place = Place("Leading Circles", "Mentee", date(2027, 1, 11), date(2027, 6, 30))
    with tenant(cast.acme):
        invitation = invitations.send_invitation(member=ines, by=cast.cora, place=place)
        texts = mail_of(Email.objects.get(), settings_in_force())
        invitations.send_invitation(member=ines, by=cast.cora)
        reminder = mail_of(Email.objects.order_by("-id")[0], settings_in_force())
    page = Client().get(link_of(invitation))
    assert closed(page)
    for body in (str(texts.body), str(texts.alternatives[0][0]), str(reminder.body)):
        for words in ("Cora Acme", "Acme", "Leading Circles", "Mentee", "11 January 2027", "until"):
            assert words in body
    assert str(reminder.subject) == "Reminder: join Acme on Roundtable"


def test_joining_asks_for_zone_and_languages_with_the_browsers_proposed(cast: Cast):
    invitation = make_invitation(cast.cora)
    page = Client().get(link_of(invitation), headers={"Accept-Language": "de-CH,de;q=0.9,fr;q=0.5"})
    assert 'value="German, French"' in page.content.decode()
    assert 'data-zone="propose"' in page.content.decode()
    Client().post(
        link_of(invitation),
        {"without_password": "yes", "time_zone": "Europe/Zurich", "languages": "German, French"},
    )
    with tenant(cast.acme):
        ines = Member.objects.get(pk=invitation.member_id)
    assert (ines.time_zone, ines.languages) == ("Europe/Zurich", ["German", "French"])


@pytest.mark.parametrize("path", ["/invitation/nonsense/", "/address/nonsense/"])
def test_a_scanner_may_ask_for_the_head(db, path: str):
    assert Client().head(path).status_code == 404
    assert Client().put(path).status_code == 405


def test_a_scanners_head_uses_nothing_up(cast: Cast):
    invitation = make_invitation(cast.cora)
    assert Client().head(link_of(invitation)).status_code == 200
    assert Client().get(link_of(invitation)).status_code == 200


def test_who_left_had_this_email_is_asked_about_and_released(cast: Cast):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
    browser, url = sign_in(cast.cora), "/o/acme/people/invite/"
    typed = {"email": cast.petra.email, "given_name": "Perla", "role": "participant"}
    asked = browser.post(url, typed)
    assert asked.status_code == 422
    assert "Petra Acme, who has left, had this e-mail." in asked.content.decode()
    assert browser.post(url, {**typed, "same": "no"}).status_code == 302
    with tenant(cast.acme):
        perla = Member.objects.get(email=cast.petra.email)
        petra = Member.objects.get(pk=cast.petra.pk)
    assert perla.given_name == "Perla"
    assert (petra.state, petra.email) == ("left", f"{petra.pk.hex}@released.invalid")
    # the sign-in is whoever's mailbox it is; the one who left keeps none here
    assert perla.user_id == cast.petra.user_id != petra.user_id


def test_the_page_says_what_inviting_back_does_and_offers_nothing_where_it_does_nothing(cast: Cast):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
    browser, page = sign_in(cast.cora), f"/o/acme/people/{cast.petra.pk}/"
    shown = browser.get(page).text
    assert "Invite them back" in shown
    assert f"The invitation goes to {cast.petra.email}." in shown
    assert "Who signs in as they did before finds their history again." in shown
    with tenant(cast.acme):
        petra = addresses.release_address(member=cast.petra, by=cast.cora)
    shown = browser.get(page).text
    assert "Invite them back" not in shown
    assert "Nobody is invited by this one." in shown
    assert "Give them today’s e-mail first" in shown
    with tenant(cast.acme):
        with pytest.raises(NoMailbox):
            invitations.send_invitation(member=petra, by=cast.cora)
        petra.refresh_from_db()
        assert petra.state == Member.State.LEFT
        people.update_member(member=petra, by=cast.cora, email="petra@again.example")
    shown = browser.get(page).text
    assert "Invite them back" in shown
    assert "Their sign-in went with their old e-mail: they come as a new person." in shown


def test_who_is_back_is_the_same_person(cast: Cast):
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.cora)
    typed = {"email": cast.petra.email, "given_name": "P", "role": "participant", "same": "yes"}
    assert sign_in(cast.cora).post("/o/acme/people/invite/", typed).status_code == 302
    with tenant(cast.acme):
        assert Member.objects.get(email=cast.petra.email).pk == cast.petra.pk
        assert Member.objects.get(pk=cast.petra.pk).state == "invited"


def test_nobody_takes_back_the_invitation_of_a_role_above_their_own(cast: Cast):
    boss = make_invitation(cast.olga, email="boss@acme.example", given_name="Boss", role="owner")
    with tenant(cast.acme):
        with pytest.raises(RoleAboveYours):
            invitations.withdraw_invitation(member=boss.member, by=cast.cora)
        assert Invitation.objects.get(pk=boss.pk).withdrawn_at is None


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_the_key_of_a_reminder_answers_no_invitation_that_it_replaced(cast: Cast, answer: str):
    first = make_invitation(cast.cora)
    with tenant(cast.acme):
        second = invitations.send_invitation(member=first.member, by=cast.cora)
        key = find_key(Key.Kind.INVITATION, secret_of(second))
        with pytest.raises(NotToBeFound):
            getattr(invitations, f"{answer}_invitation")(key=key, invitation=first)
        rows = Invitation.objects.filter(member=first.member).order_by("id")
        said = list(rows.values_list("accepted_at", "declined_at"))
        assert said == [(None, None), (None, None)]
    assert find_key(Key.Kind.INVITATION, secret_of(second)) == key, "it was not used up"


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_who_is_live_by_another_way_answers_no_invitation_any_more(cast: Cast, answer: str):
    invitation = make_invitation(cast.cora)
    key = find_key(Key.Kind.INVITATION, secret_of(invitation))
    with tenant(cast.acme):
        people.make_live(member=invitation.member)
        with pytest.raises(NotToBeFound):
            getattr(invitations, f"{answer}_invitation")(key=key, invitation=invitation)
        row = Invitation.objects.get(pk=invitation.pk)
        assert (row.accepted_at, row.declined_at) == (None, None)


def test_a_mailbox_that_somebody_here_has_proved_lets_no_second_person_in(cast: Cast):
    invitation = make_invitation(cast.cora)
    EmailAddress.objects.create(user=cast.petra.user, email="ines@acme.example", verified=True)
    key = find_key(Key.Kind.INVITATION, secret_of(invitation))
    with tenant(cast.acme):
        with pytest.raises(NotToBeFound):
            invitations.accept_invitation(key=key, invitation=invitation)
        ines = Member.objects.get(pk=invitation.member_id)
        assert (ines.state, ines.user_id) == ("invited", invitation.member.user_id)
        assert Invitation.objects.get(pk=invitation.pk).accepted_at is None
