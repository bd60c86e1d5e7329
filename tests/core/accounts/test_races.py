"""Twenty at once: one accepts, one owner stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from core.accounts.operations import invitations, people
from core.common.errors import DomainError
from core.members.models import Member
from core.tenancy.context import tenant
from tests.at_once import at_once
from tests.cast import make_cast, make_member
from tests.core.accounts.build import link_of, make_invitation

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 20


def numbered(act: Callable[[int], object], n: int = THREADS) -> list[Callable[[], object]]:
    return [partial(act, number) for number in range(n)]


def test_of_twenty_who_accept_one_invitation_one_gets_in():
    cast = make_cast()
    link = link_of(make_invitation(cast.cora))

    answers = at_once(
        numbered(
            lambda number: Client().post(link, {"password": f"quince-orchard-{number}"}).status_code
        )
    )

    assert Counter(answers) == {302: 1, 404: THREADS - 1}
    with tenant(cast.acme):
        assert Member.objects.live().filter(email="ines@acme.example").count() == 1


def test_of_owners_who_all_step_down_at_once_one_stays():
    cast = make_cast()
    owners = [cast.olga, *(make_member(cast.acme, f"O{n}", "owner") for n in range(5))]

    def step_down(number: int) -> str:
        try:
            with tenant(cast.acme):
                people.change_role(member=owners[number], role="participant", by=owners[number])
        except DomainError as refusal:
            return refusal.code
        return "done"

    assert Counter(at_once(numbered(step_down, len(owners)))) == {"done": 5, "last_owner": 1}
    with tenant(cast.acme):
        assert Member.objects.live().filter(role="owner").count() == 1


def test_of_twenty_who_invite_the_same_address_one_enters_it():
    cast = make_cast()

    def invite(number: int) -> str:
        try:
            with tenant(cast.acme):
                invitations.invite(email="Ines@acme.example", given_name="I", by=cast.cora)
        except DomainError as refusal:
            return refusal.code
        return "done"

    assert Counter(at_once(numbered(invite))) == {"done": 1, "member_already_here": THREADS - 1}
