"""A mailbox proves itself and nothing else: whose sign-in it is, and when an address counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.accounts.errors import AlreadyHere
from core.accounts.operations import addresses, invitations, people
from core.accounts.operations.work_facts import NewMember, enter_members, update_work_facts
from core.accounts.queries import invitable
from core.audit.models import AuditEvent
from core.common import clock
from core.members.keys import derived_secret
from core.members.models import AddressChange, Invitation, Key, Member, User
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, make_member, make_user, sign_in
from tests.core.accounts.build import link_of, make_invitation

VICTIM, EVIL = "victim@corp.example", "box@evil.example"
PASSWORD = "quince-orchard-42"


def entered(cast: Cast, email: str, by_globex: bool = False) -> Member:
    organisation, by = (cast.globex, cast.gustav) if by_globex else (cast.acme, cast.olga)
    with tenant(organisation):
        (member,) = enter_members(people=[NewMember(email=email, given_name="V")], by=by)
    return member


def by_file(cast: Cast, member: Member, email: str) -> None:
    with tenant(cast.acme):
        update_work_facts(changes={member: {"email": email}}, by=cast.olga)


def by_hand(cast: Cast, member: Member, email: str) -> None:
    with tenant(cast.acme):
        people.update_member(member=member, by=cast.olga, email=email)


def from_before(cast: Cast, member: Member, email: str) -> None:
    """A row as it was left by what once changed the e-mail and not the sign-in."""
    with tenant(cast.acme):
        Member.objects.filter(pk=member.pk).update(email=email)
        member.refresh_from_db()


@pytest.mark.parametrize("change", [by_file, by_hand, from_before])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_changed_address_gives_nobodys_sign_in_away(cast: Cast, change, elsewhere: bool):
    if elsewhere:
        entered(cast, VICTIM, by_globex=True)
    member = entered(cast, VICTIM)
    change(cast, member, EVIL)
    with tenant(cast.acme):
        invitation = invitations.send_invitation(member=member, by=cast.olga)
    attacker = Client()
    assert attacker.post(link_of(invitation), {"password": PASSWORD}).status_code == 302
    victim = User.objects.get(email=VICTIM)
    assert not EmailAddress.objects.filter(user=victim, verified=True).exists()
    assert not victim.has_usable_password()
    assert Client().login(email=VICTIM, password=PASSWORD) is False
    assert attacker.session["_auth_user_id"] == str(User.objects.get(email=EVIL).pk)
    if elsewhere:  # the victim joins there later: the attacker's browser is not theirs
        with tenant(cast.globex):
            theirs = Member.objects.get(email=VICTIM)
            second = invitations.send_invitation(member=theirs, by=cast.gustav)
        assert Client().post(link_of(second), {"without_password": "yes"}).status_code == 302
        assert attacker.get("/o/globex/").status_code == 404


def test_what_makes_somebody_live_verifies_the_address_they_have_here_alone(cast: Cast):
    member = entered(cast, VICTIM)
    from_before(cast, member, EVIL)
    with tenant(cast.acme):
        people.make_live(member=member)
    assert not EmailAddress.objects.filter(user__email=VICTIM).exists()


@pytest.mark.parametrize("change", [by_file, by_hand])
def test_a_corrected_address_closes_the_invitation_in_the_wrong_mailbox(cast: Cast, change):
    wrong = make_invitation(cast.olga, email="anna@acmee.example", given_name="Anna")
    change(cast, wrong.member, "anna@acme.example")
    assert Client().get(link_of(wrong)).status_code == 404
    assert Client().post(link_of(wrong), {"without_password": "yes"}).status_code == 404
    with tenant(cast.acme):
        anna = Member.objects.get(pk=wrong.member_id)
        assert anna.user.email == anna.email == "anna@acme.example"
        assert list(invitable(cast.olga)) == [anna]
        assert not Invitation.objects.open().exists()
        assert Email.objects.get().withdrawn_at is not None
        right = invitations.send_invitation(member=anna, by=cast.olga)
        assert right.reminded_at is None
    browser = Client()
    assert browser.post(link_of(right), {"password": PASSWORD}).status_code == 302
    assert Client().login(email="anna@acme.example", password=PASSWORD)
    # a new colleague may have the old address
    assert entered(cast, "anna@acmee.example").user_id != anna.user_id


def test_who_has_proved_a_second_mailbox_is_asked_for_their_sign_in(cast: Cast):
    user = make_user("ina@private.example")
    EmailAddress.objects.create(user=user, email="ina@acme.example", verified=True)
    User.objects.create_user("ina@acme.example", password="a stranger has")
    invitation = make_invitation(cast.olga, email="ina@acme.example", given_name="Ina")
    assert "Use it, and you come back here" in Client().get(link_of(invitation)).content.decode()
    browser = Client()
    browser.force_login(user)
    assert browser.post(link_of(invitation)).status_code == 302
    with tenant(cast.acme):
        assert Member.objects.get(pk=invitation.member_id).user_id == user.pk


def link_to_confirm(change: AddressChange) -> str:
    return f"/address/{derived_secret(Key.Kind.ADDRESS, change.pk)}/"


@pytest.mark.parametrize("change", [by_file, by_hand])
def test_a_live_persons_address_changes_once_its_mailbox_confirms_it(cast: Cast, change):
    before, user = cast.petra.email, cast.petra.user_id
    change(cast, cast.petra, "petra@new.example")
    change(cast, cast.petra, "PETRA@new.example")  # the same file again asks nobody twice
    with tenant(cast.acme):
        cast.petra.refresh_from_db()
        assert cast.petra.email == before
        wanted = AddressChange.objects.get()
        email = Email.objects.get()
        assert mail_of(email, settings_in_force()).to == ["petra@new.example"]
        assert not email.mutable
    page = sign_in(cast.cora).get(cast.petra.get_absolute_url()).content.decode()
    assert "petra@new.example replaces it once it is confirmed from there" in page
    own = sign_in(cast.petra).get("/o/acme/me/").content.decode()
    assert f"E-mails go to {before} until petra@new.example has confirmed" in own
    link = link_to_confirm(wanted)
    for _scanner in range(2):
        assert Client().get(link).status_code == Client().head(link).status_code == 200
    assert "Your e-mail is confirmed" in Client().post(link).content.decode()
    assert Client().post(link).status_code == 404
    with tenant(cast.acme):
        cast.petra.refresh_from_db()
        assert (cast.petra.email, cast.petra.user_id) == ("petra@new.example", user)
        notice = Email.objects.get(kind="accounts.address_changed")
        mail = mail_of(notice, settings_in_force())
        assert mail.to == [before]
        assert "petra@new.example" in str(mail.body)
        verbs = AuditEvent.objects.filter(verb__startswith="address.").order_by("id")
        assert list(verbs.values_list("verb", flat=True)) == ["address.asked", "address.confirmed"]
    assert User.objects.get(pk=user).email == before
    assert not EmailAddress.objects.filter(email="petra@new.example").exists()


def test_a_confirmation_ends_when_it_is_taken_back_overtaken_or_late(cast: Cast):
    by_hand(cast, cast.petra, "one@new.example")
    by_hand(cast, cast.petra, "two@new.example")
    by_hand(cast, cast.pavel, "three@new.example")
    quin = make_member(cast.acme, "Quin")
    by_hand(cast, quin, "four@new.example")
    with tenant(cast.acme):
        links = {row.email: link_to_confirm(row) for row in AddressChange.objects.all()}
    url = f"/o/acme/people/{cast.pavel.pk}/keep-address/"
    assert sign_in(cast.cora).post(url).status_code == 302
    with tenant(cast.acme):
        people.mark_left(member=quin, by=cast.olga)
    for email in ("one@new.example", "three@new.example", "four@new.example"):
        assert Client().post(links[email]).status_code == 404
    with clock.at(clock.now() + timedelta(days=8)):
        assert Client().post(links["two@new.example"]).status_code == 404


def test_nobody_gets_an_address_that_is_somebody_elses(cast: Cast):
    with tenant(cast.acme), pytest.raises(AlreadyHere):
        people.update_member(member=cast.petra, by=cast.cora, email=cast.pavel.email)
    invited = make_member(cast.acme, "Nadia", live=False)
    with tenant(cast.acme), pytest.raises(AlreadyHere):
        people.update_member(member=invited, by=cast.cora, email=cast.pavel.email)
    by_hand(cast, cast.petra, "wanted@new.example")
    make_member(cast.acme, "Noor", live=False, email="wanted@new.example")
    with tenant(cast.acme):
        change = AddressChange.objects.get()
    assert Client().post(link_to_confirm(change)).status_code == 404
    answer = sign_in(cast.cora).post(
        f"/o/acme/people/{cast.petra.pk}/edit/",
        {"given_name": "Petra", "email": cast.pavel.email},
    )
    assert answer.status_code == 422
    assert "Somebody with this e-mail is already" in answer.content.decode()


def test_only_who_has_left_gives_an_address_back(cast: Cast):
    from core.accounts.errors import NotLeft

    with tenant(cast.acme), pytest.raises(NotLeft):
        addresses.release_address(member=cast.petra, by=cast.cora)
