"""Coming back as an attacker sees it: a row that was joined goes on only for its own sign-in.

Whoever keeps an organisation's rows chooses what mailbox an invitation goes to.  By none of the
ways in does a mailbox of theirs read what somebody else wrote in confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.accounts.errors import AlreadyHere, ComesBackByHand, NoMailbox, NotConnected
from core.accounts.operations import (
    addresses,
    directory,
    domains,
    invitations,
    people,
    single_sign_on,
)
from core.accounts.operations.work_facts import update_work_facts
from core.audit.models import AuditEvent
from core.common import clock
from core.members.keys import derived_secret
from core.members.models import (
    AddressChange,
    DirectoryEntry,
    DirectoryToken,
    IdentityProvider,
    Invitation,
    JoinDomain,
    Key,
    Member,
    User,
)
from core.tenancy.context import tenant
from mentoring.follow_ups import FOLLOW_UPS
from programs.models.programs import Enrolment
from programs.operations.enrolments import enrol_directly
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import link_of
from tests.mentoring.attacks import SECRET, Attack, make_attack
from tests.programs.build import make_cohort, make_program

EVIL = "mallory@acme.example"
PASSWORD = "quince-orchard-42"
Way = Callable[[Attack, Member], None]


@pytest.fixture
def attack(cast: Cast) -> Attack:
    return make_attack(cast)


# ── how a person's row comes to wait for an invitation ──
def left(attack: Attack) -> None:
    people.mark_left(member=attack.vera, by=attack.cast.olga)


def demoted(attack: Attack) -> None:
    """Made a coordinator, taken down again, and then let go."""
    for role in ("coordinator", "participant"):
        people.change_role(member=attack.vera, role=role, by=attack.cast.olga)
    left(attack)


def removed(attack: Attack) -> None:
    """Deactivated by the directory, that knows them."""
    token = make_directory(attack)
    entry = {"external_id": "s-vera", "active": False}
    directory.change_person(token=token, member=attack.vera, values=entry)


def released(attack: Attack) -> None:
    """Said to be somebody else's address now, and named by another one afterwards."""
    left(attack)
    attack.vera.refresh_from_db()
    addresses.release_address(member=attack.vera, by=attack.cast.olga)


def left_twice(attack: Attack) -> None:
    left(attack)
    attack.vera.refresh_from_db()
    invitations.send_invitation(member=attack.vera, by=attack.cast.olga)
    attack.vera.refresh_from_db()
    left(attack)


def make_directory(attack: Attack) -> DirectoryToken:
    return directory.create_directory_token(name="D", by=attack.cast.olga)[0]


def make_provider(attack: Attack) -> IdentityProvider:
    provider = single_sign_on.save_provider(
        name="P",
        issuer="https://p.example",
        client_id="c",
        subject_claim="sub",
        by=attack.cast.olga,
    )
    single_sign_on.pass_test(provider=provider, by=attack.cast.olga)
    provider.refresh_from_db()
    return provider


# ── how a mailbox or subject of the attacker's is made theirs ──
def by_hand(attack: Attack, row: Member) -> None:
    people.update_member(member=row, by=attack.cast.olga, email=EVIL)


def by_file(attack: Attack, row: Member) -> None:
    update_work_facts(changes={row: {"email": EVIL}}, by=attack.cast.olga)


def by_directory(attack: Attack, row: Member) -> None:
    """Invited back first: of who has left a directory changes nothing."""
    with pytest.raises(ComesBackByHand):
        directory.change_person(token=make_directory(attack), member=row, values={"active": True})
    invitations.send_invitation(member=row, by=attack.cast.olga)
    row.refresh_from_db()
    directory.change_person(token=make_directory(attack), member=row, values={"email": EVIL})


def before_inviting(attack: Attack, row: Member) -> None:
    """Changed once the invitation is out: that one closes."""
    invitations.send_invitation(member=row, by=attack.cast.olga)
    row.refresh_from_db()
    by_hand(attack, row)


# ── how the attacker comes in ──
def proved(email: str) -> User:
    return addresses.prove_mailbox(email=email)[0]


def by_link(attack: Attack, invitation: Invitation) -> None:
    assert Client().post(link_of(invitation), {"password": PASSWORD}).status_code == 302


def by_link_with_a_sign_in(attack: Attack, invitation: Invitation) -> None:
    browser = Client()
    browser.force_login(proved(EVIL))
    assert browser.post(link_of(invitation), {"join": "yes"}).status_code == 302


def by_provider(attack: Attack, invitation: Invitation) -> None:
    with tenant(attack.cast.acme):
        single_sign_on.accept_by_subject(
            provider=make_provider(attack),
            subject="s-mallory",
            key=Key.objects.get(kind="invitation", object_id=invitation.pk),
            invitation=invitation,
        )


def by_domain(attack: Attack, invitation: Invitation) -> None:
    user = proved(EVIL)
    with tenant(attack.cast.acme):
        row = JoinDomain.objects.create(domain="acme.example", proof="p", proved_at=clock.now())
        domains.join_by_domain(domain=row, user=user, given_name="M", family_name="")


@pytest.mark.parametrize("enters", [by_link, by_link_with_a_sign_in, by_provider, by_domain])
@pytest.mark.parametrize("change", [by_hand, by_file, by_directory, before_inviting])
@pytest.mark.parametrize("ends", [left, demoted, removed, released, left_twice])
def test_another_mailbox_comes_back_as_somebody_new(
    attack: Attack,
    ends: Callable[[Attack], None],
    change: Way,
    enters: Callable[[Attack, Invitation], None],
):
    cast, vera = attack.cast, attack.vera
    user = vera.user_id
    with tenant(cast.acme):
        ends(attack)
        vera.refresh_from_db()
        if ends is released and change in {
            by_directory,
            before_inviting,
        }:  # nobody is invited at no mailbox
            with pytest.raises(NoMailbox):
                change(attack, vera)
            return
        change(attack, vera)
        vera.refresh_from_db()
        invitations.send_invitation(member=vera, by=cast.olga)
        invitation = Invitation.objects.open().select_related("member__user").get()
    enters(attack, invitation)
    with tenant(cast.acme):
        vera.refresh_from_db()
        new = Member.objects.get(email=EVIL)
        assert new.is_live
        assert new.pk != vera.pk
        assert (vera.state, vera.came_back_as_id) == ("left", new.pk)
        if ends is not released:
            assert vera.user_id == user
        assert new.user_id != vera.user_id
        assert not Member.objects.live().filter(user=vera.user_id).exists()
        readers = list(Member.objects.exclude(pk__in=[vera.pk, cast.pavel.pk]))
    for other in readers:
        assert attack.read_by(other) == []


def test_a_directory_connects_nobody_who_has_joined_with_a_subject(attack: Attack):
    """Else whoever runs it is anybody who signs in by e-mail."""
    cast = attack.cast
    with tenant(cast.acme):
        provider, token = make_provider(attack), make_directory(attack)
        entry = {"external_id": "s-mallory"}
        directory.change_person(token=token, member=attack.vera, values=entry)
        with pytest.raises(NotConnected):
            single_sign_on.member_of_subject(provider=provider, subject="s-mallory")
        left(attack)
        attack.vera.refresh_from_db()
        invitations.send_invitation(member=attack.vera, by=cast.olga)
        with pytest.raises(NotConnected):
            single_sign_on.member_of_subject(provider=provider, subject="s-mallory")


def test_an_address_confirmed_by_another_mailbox_moves_no_sign_in(attack: Attack):
    """Of somebody live: neither the confirming nor being asked back there opens their row."""
    cast, vera = attack.cast, attack.vera
    user = vera.user_id
    with tenant(cast.acme):
        by_hand(attack, vera)
        link = derived_secret(Key.Kind.ADDRESS, AddressChange.objects.get().pk)
    assert Client().post(f"/address/{link}/").status_code == 200
    with tenant(cast.acme):
        vera.refresh_from_db()
        assert (vera.email, vera.user_id) == (EVIL, user)
        left(attack)
        vera.refresh_from_db()
        invitation = invitations.send_invitation(member=vera, by=cast.olga)
        invitation = Invitation.objects.select_related("member__user").get(pk=invitation.pk)
    by_link(attack, invitation)
    with tenant(cast.acme):
        vera.refresh_from_db()
        assert (vera.state, vera.user_id) == ("left", user)
        new = Member.objects.get(pk=vera.came_back_as_id)
    assert attack.read_by(new) == []


def test_an_address_confirmed_since_is_no_sign_in_when_the_provider_goes(attack: Attack):
    """Who signs in at the provider alone has proved no mailbox of their own."""
    cast = attack.cast
    with tenant(cast.acme):
        provider, token = make_provider(attack), make_directory(attack)
        for name in ("dina", "dora"):
            address = f"{name}@acme.example"
            directory.enter_person(token=token, email=address, given_name=name, external_id=name)
            single_sign_on.member_of_subject(provider=provider, subject=name)
        dina, dora = (Member.objects.get(given_name=name) for name in ("dina", "dora"))
        by_hand(attack, dina)
        link = derived_secret(Key.Kind.ADDRESS, AddressChange.objects.get().pk)
    assert Client().post(f"/address/{link}/").status_code == 200
    with tenant(cast.acme):
        before = Member.objects.get(pk=dina.pk)
        assert before.email == EVIL
    page = sign_in(cast.olga).get("/o/acme/settings/sso/remove/").content.decode()
    assert "1 of them has no other sign-in: from then on by a code" in page
    assert "1 of them has no other sign-in and got another e-mail after joining" in page
    with tenant(cast.acme):
        single_sign_on.remove_provider(provider=provider, by=cast.olga)
        assert Member.objects.get(pk=dina.pk).user_id == before.user_id
        assert Member.objects.select_related("user").get(pk=dora.pk).user.email == dora.email


# ── and for who is really back ──
def invited_back(attack: Attack, email: str = "") -> Invitation:
    with tenant(attack.cast.acme):
        left(attack)
        attack.vera.refresh_from_db()
        if email:
            people.update_member(member=attack.vera, by=attack.cast.olga, email=email)
        invitations.send_invitation(member=attack.vera, by=attack.cast.olga)
        return Invitation.objects.open().select_related("member__user").get()


def test_with_the_same_sign_in_all_goes_on(attack: Attack):
    invitation = invited_back(attack)
    assert sign_in(attack.vera).post(link_of(invitation), {"join": "yes"}).status_code == 302
    with tenant(attack.cast.acme):
        assert Member.objects.get(pk=attack.vera.pk).is_live
    assert attack.is_safe()


def test_with_the_same_sign_in_and_another_address_all_goes_on(attack: Attack):
    invitation = invited_back(attack, "vera@new.example")
    link = link_of(invitation)
    page = Client().get(link).content.decode()
    assert "You have been here before" in page
    assert attack.vera.user.email not in page.replace("vera@new.example", "")
    assert sign_in(attack.cast.petra).post(link).status_code == 200  # somebody else's browser
    assert sign_in(attack.vera).post(link, {"join": "yes"}).status_code == 302
    with tenant(attack.cast.acme):
        now = Member.objects.get(pk=attack.vera.pk)
        assert (now.is_live, now.email) == (True, "vera@new.example")
    assert attack.read_by(now) == [SECRET]


def test_with_a_second_mailbox_that_the_sign_in_has_proved_all_goes_on(attack: Attack):
    second = "vera@private.example"
    EmailAddress.objects.create(user=attack.vera.user, email=second, verified=True)
    invitation = invited_back(attack, second)
    assert "You already have a sign-in" in Client().get(link_of(invitation)).content.decode()
    assert sign_in(attack.vera).post(link_of(invitation), {"join": "yes"}).status_code == 302
    with tenant(attack.cast.acme):
        assert Member.objects.get(pk=attack.vera.pk).is_live


def test_both_rows_are_named_and_the_new_one_has_what_the_organisation_knows(attack: Attack):
    cast, vera = attack.cast, attack.vera
    with tenant(cast.acme):
        token = make_directory(attack)
        people.update_member(member=vera, by=cast.olga, employee_id="7", department="Sales")
        directory.change_person(token=token, member=vera, values={"external_id": "s-vera"})
        vera.refresh_from_db()
    by_link(attack, invited_back(attack, EVIL))
    with tenant(cast.acme):
        vera.refresh_from_db()
        new = Member.objects.get(email=EVIL)
        assert (vera.employee_id, vera.department) == ("", "Sales")
        assert (new.full_name, new.role) == (vera.full_name, vera.role)
        assert (new.employee_id, new.department) == ("7", "Sales")
        assert DirectoryEntry.objects.get(external_id="s-vera").member_id == new.pk
        assert Invitation.objects.get(accepted_at__isnull=False).member_id == new.pk
        act = AuditEvent.objects.get(verb="member.came_back_as_new")
        assert (act.target_id, act.details) == (new.pk, {"before": str(vera.pk)})
    olga = sign_in(cast.olga)
    for shown, named in ((vera, new), (new, vera)):
        page = olga.get(shown.get_absolute_url()).content.decode()
        assert "came back as a new person" in page
        assert f'href="{named.get_absolute_url()}"' in page
    assert "came back as a new person" in olga.get("/o/acme/settings/audit/").content.decode()


def test_a_place_given_for_the_return_is_the_new_persons(attack: Attack):
    cast, vera = attack.cast, attack.vera
    cohort = make_cohort(make_program(cast.acme, name="Next"))
    earlier = make_cohort(make_program(cast.acme, name="Earlier"))
    with tenant(cast.acme):
        enrol_directly(cohort=earlier, member=vera, part="peer", by=cast.olga)
    invitation = invited_back(attack, EVIL)
    with tenant(cast.acme):
        enrol_directly(cohort=cohort, member=vera, part="peer", by=cast.olga)
    by_link(attack, invitation)
    with tenant(cast.acme):
        for follow_up in FOLLOW_UPS:
            follow_up(at=clock.now())
        new = Member.objects.get(email=EVIL)
        assert [row.cohort_id for row in Enrolment.objects.filter(member=new)] == [cohort.pk]
        before = Enrolment.objects.get(member=vera, cohort=earlier)
        assert before.state == Enrolment.State.WITHDRAWN


def test_nobody_gets_back_in_by_the_sign_in_of_somebody_else_here(attack: Attack):
    cast = attack.cast
    own = make_member(cast.acme, "Mallory")
    with tenant(cast.acme):
        left(attack)
        attack.vera.refresh_from_db()
        EmailAddress.objects.create(user=own.user, email="m2@acme.example", verified=True)
        with pytest.raises(AlreadyHere):
            people.update_member(member=attack.vera, by=cast.olga, email="m2@acme.example")
    assert attack.read_by(own) == []


def test_who_came_back_by_another_sign_in_may_return_to_the_old_row_by_its_own(attack: Attack):
    cast, vera = attack.cast, attack.vera
    by_link(attack, invited_back(attack, EVIL))
    with tenant(cast.acme):
        vera.refresh_from_db()
        people.update_member(member=vera, by=cast.olga, email="vera@again.example")
        invitations.send_invitation(member=vera, by=cast.olga)
        invitation = Invitation.objects.open().select_related("member__user").get()
    assert sign_in(vera).post(link_of(invitation), {"join": "yes"}).status_code == 302
    with tenant(cast.acme):
        now: Any = Member.objects.get(pk=vera.pk)
        assert (now.is_live, now.came_back_as_id) == (True, None)
    assert attack.read_by(now) == [SECRET]
