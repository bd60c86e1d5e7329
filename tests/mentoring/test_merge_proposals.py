"""Merging as an attacker sees it: with a second row of one's own nobody reads a person's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.accounts.errors import LastOwner
from core.accounts.operations import addresses, invitations, people
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Invitation, Member, MergeProposal
from core.notifications.models import Email
from core.tenancy.context import tenant
from mentoring.people.merging import CannotMerge, merge_members, what_merges
from mentoring.people.proposals import (
    AlreadyProposed,
    ProposalOver,
    agree_to_merge,
    expire_merge_proposals,
    propose_merge,
    refuse_merge,
    withdraw_merge,
)
from pairing.partnerships.operations import repairing
from tests.cast import Cast, make_member, sign_in
from tests.mentoring.attacks import SECRET, Attack, make_attack
from tests.sessions.build import make_cohort, make_partnership


@pytest.fixture
def attack(cast: Cast) -> Attack:
    return make_attack(cast)


def make_older(cast: Cast, member: Member) -> None:
    """Let a row be the first of the two, which once kept its id."""
    with tenant(cast.acme):
        earlier = clock.now() - timedelta(days=400)
        Member.objects.filter(pk=member.pk).update(created_at=earlier)
        member.refresh_from_db()


@pytest.mark.parametrize("older", [False, True])
def test_a_row_of_ones_own_that_has_joined_gets_nothing_without_the_others_yes(
    attack: Attack, older: bool
):
    cast, own = attack.cast, attack.own_row(live=True)
    if older:
        make_older(cast, own)
    for stays, goes in ((own, attack.vera), (attack.vera, own)):
        with tenant(cast.acme):
            with pytest.raises(ValueError, match="not theirs to decide"):
                merge_members(stays=stays, goes=goes, by=cast.olga)
            proposal = propose_merge(stays=stays, goes=goes, by=cast.olga)
            agree_to_merge(proposal=proposal, by=own)
            agree_to_merge(proposal=proposal, by=own)  # twice is not for two
            for by in (cast.olga, cast.cora):
                with pytest.raises(ValueError, match="not one of the two"):
                    agree_to_merge(proposal=proposal, by=by)
        assert attack.is_safe()
        with tenant(cast.acme):
            withdraw_merge(proposal=proposal, by=cast.olga)


@pytest.mark.parametrize("older", [False, True])
def test_a_row_of_ones_own_that_has_not_joined_never_becomes_the_sign_in(
    attack: Attack, older: bool
):
    cast, own = attack.cast, attack.own_row(live=False)
    if older:
        make_older(cast, own)
    with tenant(cast.acme):
        invitation = invitations.send_invitation(member=own, by=cast.olga)
        with pytest.raises(ValueError, match="not theirs to decide"):
            merge_members(stays=own, goes=attack.vera, by=cast.olga)
        merge_members(stays=attack.vera, goes=own, by=cast.olga)
        invitation.refresh_from_db()
        assert invitation.withdrawn_at  # its link would have led into the merged row
        assert not Invitation.objects.open().filter(member=attack.vera).exists()
    assert attack.is_safe()
    with tenant(cast.acme):  # and the sign-in cannot be moved afterwards
        attack.vera.refresh_from_db()
        addresses.change_addresses(addresses={attack.vera: "olga2@x.example"}, by=cast.olga)
    assert attack.is_safe()


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("live", [False, True])
def test_who_has_left_or_is_asked_back_is_not_merged_into_somebody_else(
    attack: Attack, times: int, live: bool
):
    """Made to look as if they had never joined: left, invited back, and left again."""
    cast, own = attack.cast, attack.own_row(live=live)
    with tenant(cast.acme):
        for _time in range(times):
            people.mark_left(member=attack.vera, by=cast.olga)
            with pytest.raises(CannotMerge, match="Invite them back first"):
                what_merges(attack.vera, own)
            invitations.send_invitation(member=attack.vera, by=cast.olga)
            attack.vera.refresh_from_db()
            with pytest.raises(CannotMerge, match="Invite them back first"):
                what_merges(own, attack.vera)
    assert attack.is_safe()


def test_words_for_somebody_who_has_not_joined_do_not_pass_to_a_row_that_has(cast: Cast):
    own, newcomer = make_member(cast.acme, "Mallory"), make_member(cast.acme, "Vera", live=False)
    with tenant(cast.acme):
        table = make_partnership(make_cohort(cast.acme), [newcomer, cast.pavel], name="Oak")
    with tenant(cast.acme, member=cast.pavel.pk):
        repairing.part_ways(partnership=table, by=cast.pavel, cause="time", words=SECRET)
    with tenant(cast.acme, member=cast.olga.pk):
        merge_members(stays=own, goes=newcomer, by=cast.olga)
    assert Attack(cast, newcomer).read_by(own) == []


def test_a_yes_is_for_who_was_asked_and_not_for_who_came_back_by_that_row(attack: Attack):
    cast, own = attack.cast, attack.own_row(live=True)
    with tenant(cast.acme):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
        agree_to_merge(proposal=proposal, by=attack.vera)
        people.mark_left(member=own, by=cast.olga)
        invitations.send_invitation(member=own, by=cast.olga)
        own.refresh_from_db()
        people.make_live(member=own)
        with pytest.raises(ProposalOver):
            agree_to_merge(proposal=proposal, by=own)
        again = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
        proposal.refresh_from_db()
        assert (proposal.outcome, again.outcome) == ("expired", "")
    assert attack.is_safe()


def test_both_say_yes_and_all_is_joined(attack: Attack):
    cast, own = attack.cast, attack.own_row(live=True)
    with tenant(cast.acme):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
        agree_to_merge(proposal=proposal, by=attack.vera)
        assert attack.read_by(own) == []
        closed = agree_to_merge(proposal=proposal, by=own)
        assert (closed.outcome, closed.closed_at is not None) == ("merged", True)
        gone = Member.objects.get(pk=attack.vera.pk)
        assert (gone.state, gone.merged_into_id) == ("left", own.pk)
        told = Email.objects.filter(kind="accounts.merge_closed").values_list("member", flat=True)
        assert list(told) == [cast.olga.pk]
        acts = AuditEvent.objects.filter(verb__startswith="mer").order_by("id")
        assert [(act.verb, act.actor_id) for act in acts] == [
            ("merge.proposed", cast.olga.pk),
            ("merge.agreed", attack.vera.pk),
            ("merge.agreed", own.pk),
        ]
        merged = AuditEvent.objects.get(verb="member.merged")
        assert (merged.actor_id, merged.details) == (own.pk, {"gone": str(gone.pk)})
    assert attack.read_by(own) == [SECRET]


def test_the_last_owner_is_not_merged_away(cast: Cast):
    twin = make_member(cast.acme, "Olga2")
    with tenant(cast.acme):
        proposal = propose_merge(stays=twin, goes=cast.olga, by=cast.olga)
        agree_to_merge(proposal=proposal, by=twin)
        with pytest.raises(LastOwner):
            agree_to_merge(proposal=proposal, by=cast.olga)


def test_refused_withdrawn_and_expired_say_so_and_merge_nothing(attack: Attack):
    cast, own = attack.cast, attack.own_row(live=True)
    ends: list[tuple[Any, Member | None]] = [
        (refuse_merge, attack.vera),
        (withdraw_merge, cast.olga),
    ]
    for end, by in ends:
        with tenant(cast.acme):
            proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
            asked = Email.objects.filter(about_id=proposal.pk, kind="accounts.merge_asked")
            assert {email.member_id for email in asked} == {own.pk, attack.vera.pk}
            with pytest.raises(AlreadyProposed):
                propose_merge(stays=attack.vera, goes=own, by=cast.olga)
            closed = end(proposal=proposal, by=by)
            assert asked.filter(withdrawn_at=None, sent_at=None).count() == 0
            told = Email.objects.filter(about_id=proposal.pk, kind="accounts.merge_closed")
            assert {email.member_id for email in told} == {
                member.pk for member in (own, attack.vera, cast.olga) if member != by
            }
            assert {email.context["outcome"] for email in told} == {closed.outcome}
            for late in (agree_to_merge, refuse_merge):
                with pytest.raises(ProposalOver):
                    late(proposal=proposal, by=attack.vera)
    with tenant(cast.acme):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
        agree_to_merge(proposal=proposal, by=own)
        last = proposal.expires_at
        assert expire_merge_proposals(at=last - timedelta(seconds=1)) == 0
        assert expire_merge_proposals(at=last) == 1
        proposal.refresh_from_db()
        assert proposal.outcome == "expired"
        with pytest.raises(ProposalOver):
            agree_to_merge(proposal=proposal, by=attack.vera)
    with tenant(cast.acme), clock.at(last + timedelta(days=1)):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
    with (
        tenant(cast.acme),
        clock.at(proposal.expires_at),  # before any sweep has looked
        pytest.raises(ProposalOver),
    ):
        agree_to_merge(proposal=proposal, by=attack.vera)
    assert attack.is_safe()


def test_the_database_keeps_a_merge_that_only_one_has_agreed_to_from_being_called_done(
    attack: Attack,
):
    cast, own = attack.cast, attack.own_row(live=True)
    with tenant(cast.acme):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
        agree_to_merge(proposal=proposal, by=own)
        rows = MergeProposal.objects.filter(pk=proposal.pk)
        now = clock.now()
        with pytest.raises(IntegrityError, match="merged_by_two"), transaction.atomic():
            rows.update(outcome="merged", closed_at=now)
        with pytest.raises(IntegrityError, match="closed_at_iff_closed"), transaction.atomic():
            rows.update(outcome="refused")
        with pytest.raises(IntegrityError, match="of_two"), transaction.atomic():
            rows.update(goes=own)


def test_the_pages_ask_each_of_the_two_and_show_others_nothing(attack: Attack):
    cast, own = attack.cast, attack.own_row(live=True)
    olga, vera, mallory = map(sign_in, (cast.olga, attack.vera, own))
    url = f"/o/acme/people/{own.pk}/merge/{attack.vera.pk}/"
    assert "Both have joined, and each has private notes" in text(olga, url)
    asked = olga.post(url, {"stays": str(own.pk)})
    with tenant(cast.acme):
        proposal = MergeProposal.objects.get()
    page = f"/o/acme/merges/{proposal.pk}/"
    assert asked.headers["Location"] == page
    assert olga.get(url).headers["Location"] == page  # asked once
    assert "Withdraw the question" in text(olga, page)
    assert "Yes, make them" not in text(olga, page)
    assert olga.post(page, {"is_me": "on"}).status_code == 403
    assert olga.post(f"{page}refuse/").status_code == 404
    for who in (cast.cora, cast.petra):
        assert sign_in(who).get(page).status_code == 404
    assert f"Whoever signs in as {own.full_name} ({own.email}) then reads all" in text(vera, page)
    assert "Withdraw the question" not in text(vera, page)
    assert vera.post(f"{page}withdraw/").status_code == 403
    assert vera.post(page, {}).status_code == 422
    vera.post(page, {"is_me": "on"})
    assert "You have said yes" in text(vera, page)
    assert vera.post(f"{page}refuse/", follow=True).status_code == 200  # thought better of it
    assert "One of the two has said no" in text(mallory, page)
    late = mallory.post(page, {"is_me": "on"})
    assert late.status_code == 422
    assert "This proposal is over" in late.content.decode()
    assert "This proposal is over" in text(olga, f"{page}withdraw/", post=True)
    assert attack.is_safe()


def test_the_second_yes_says_where_one_goes_on(attack: Attack):
    cast, own = attack.cast, attack.own_row(live=True)
    with tenant(cast.acme):
        proposal = propose_merge(stays=own, goes=attack.vera, by=cast.olga)
    page = f"/o/acme/merges/{proposal.pk}/"
    sign_in(own).post(page, {"is_me": "on"})
    vera = sign_in(attack.vera)
    assert vera.post(page, {"is_me": "on"}).headers["Location"] == "/organisations/"
    assert vera.get(page).status_code == 404
    assert "they are one person since" in text(sign_in(own), page)
    assert SECRET in attack.read_by(own)


def text(browser: Client, url: str, *, post: bool = False) -> str:
    answer = browser.post(url, follow=True) if post else browser.get(url)
    return " ".join(answer.content.decode().split())
