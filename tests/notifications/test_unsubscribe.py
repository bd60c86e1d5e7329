"""The link that stops a kind of letter, without signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Key, Member
from core.notifications.models import Letter, MutedKind
from core.notifications.operations import Door
from core.tenancy.context import tenant
from tests.cast import Cast
from tests.notifications.build import make_letter

pytestmark = pytest.mark.urls("tests.notifications.urls")


def door(
    letter: Letter, member: Member | None = None, slug: str = "acme", age_days: int = 0
) -> str:
    who = member.pk if member else letter.member_id
    at = clock.now() - timedelta(days=age_days)
    return signed_path("unsubscribe", SignedLink(slug, who, letter.pk), at=at)


def muted(cast: Cast) -> list[tuple[str, str]]:
    with tenant(cast.acme):
        return list(MutedKind.objects.values_list("member__given_name", "kind"))


def test_looking_changes_nothing_and_posting_stops(cast: Cast) -> None:
    letter = make_letter(cast.petra)
    client = Client(enforce_csrf_checks=True)

    asked = client.get(door(letter))
    assert asked.status_code == 200
    assert "How did it go with Circle Wye?" in asked.text
    assert muted(cast) == []

    # one-click, as mail programs send it: no cookie, no token of ours
    stopped = client.post(door(letter), {"List-Unsubscribe": "One-Click"})
    assert stopped.status_code == 200
    assert muted(cast) == [("Petra", "feedback.check_in")]
    assert client.post(door(letter)).status_code == 200
    assert len(muted(cast)) == 1

    assert client.post(door(letter), {"again": "yes"}).status_code == 200
    assert muted(cast) == []


def test_bad_old_foreign_and_key_doors_are_one_page(cast: Cast) -> None:
    letter = make_letter(cast.petra)
    invitation = make_letter(
        cast.pavel, door=Door(key=Key.Kind.INVITATION, object_id=cast.pavel.pk)
    )
    client = Client()
    good = door(letter)
    answers = [
        client.post(path)
        for path in (
            "/l/unsubscribe/nonsense/",
            good[:-2] + ("A" if good[-2] != "A" else "B") + "/",
            good.replace("unsubscribe", "check-in"),
            door(letter, age_days=731),
            door(letter, member=cast.pavel),
            door(letter, slug="globex"),
            door(letter, slug="nowhere"),
            door(letter, member=cast.greta, slug="globex"),
            door(invitation),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert muted(cast) == []


def test_who_has_left_has_no_door(cast: Cast) -> None:
    letter = make_letter(cast.petra)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT)
    assert Client().get(door(letter)).status_code == 404
