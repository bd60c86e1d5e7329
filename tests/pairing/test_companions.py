"""A mentor beside a circle: chosen by hand, told to all, with no turn, no vote and no figure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.companions import operations
from pairing.companions.queries import accompanied_by, companion_of
from pairing.errors import KeptApart, PartnershipOver, SeatTaken
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import end_partnership
from sessions.models.sessions import Session
from tests.cast import make_member, sign_in
from tests.pairing.build import make_circles_cohort, make_partnership


@pytest.fixture
def circle(cast) -> Partnership:
    cohort = make_circles_cohort(cast.acme, peers=0)
    people = [make_member(cast.acme, name) for name in ("Ada", "Bo", "Cy")]
    circle = make_partnership(cohort, *people, name="Circle Birch", by=cast.cora)
    with tenant(cast.acme):
        Session.objects.create(
            partnership=circle,
            number=1,
            day=(clock.now() + timedelta(days=3)).date(),
            starts_at=clock.now() + timedelta(days=3),
            duration_minutes=60,
            place="Room 7",
            topic="A word of theirs",
        )
    return circle


def url(name: str, pk: object, app: str = "pairing") -> str:
    return reverse(f"{app}:{name}", args=["acme", pk])


def test_a_coordinator_puts_somebody_beside_a_circle_and_everybody_reads_it(cast, circle):
    cora, page = sign_in(cast.cora), url("companion", circle.pk)
    unknown = cora.post(page, {"email": "nobody@acme.example"})
    assert unknown.status_code == 422
    assert "Nobody here has this address." in unknown.text
    assert cora.post(page, {"email": cast.pavel.email.upper()}).status_code == 302
    with tenant(cast.acme):
        companion = companion_of(circle)
        assert companion.member_id == cast.pavel.pk
        told = Email.objects.filter(kind="pairing.companion_changed").values_list(
            "member__given_name", flat=True
        )
        assert sorted(told) == ["Ada", "Bo", "Cy"]
        assert Email.objects.get(kind="pairing.companion").member_id == cast.pavel.pk
        ada = Member.objects.get(given_name="Ada")
        assert not Seat.objects.filter(enrolment__member=cast.pavel).exists()
    assert "The mentor beside you:" in sign_in(ada).get(circle.get_absolute_url()).text

    pavel = sign_in(cast.pavel)
    assert "Circles you are beside" in pavel.get("/o/acme/").text
    own = pavel.get(url("accompanied", companion.pk)).text
    assert "Ada Acme" in own
    dates = pavel.get(url("accompanied_sessions", companion.pk, "sessions")).text
    assert "Room 7" in dates
    assert "A word of theirs" not in dates
    assert pavel.get(circle.get_absolute_url()).status_code == 404
    for stranger in (cast.petra, ada):
        assert sign_in(stranger).get(url("accompanied", companion.pk)).status_code == 404
        elsewhere = url("accompanied_sessions", companion.pk, "sessions")
        assert sign_in(stranger).get(elsewhere).status_code == 404
    assert sign_in(ada).get(page).status_code == 403

    assert pavel.post(url("accompanied", companion.pk), {"end": "yes"}).status_code == 302
    assert pavel.get(url("accompanied", companion.pk)).status_code == 404
    with tenant(cast.acme):
        assert companion_of(circle) is None
        left = AuditEvent.objects.get(verb="companion.left")
        assert left.actor_id == cast.pavel.pk


def test_one_at_a_time_and_never_a_manager_or_somebody_of_the_circle(cast, circle):
    with tenant(cast.acme):
        ada = Member.objects.get(given_name="Ada")
        Member.objects.filter(pk=ada.pk).update(manager=cast.petra)
        act = {"partnership": circle, "by": cast.cora}
        with pytest.raises(KeptApart):
            operations.put_beside(member=cast.petra, **act)
        with pytest.raises(SeatTaken):
            operations.put_beside(member=ada, **act)
        first = operations.put_beside(member=cast.pavel, **act)
        assert operations.put_beside(member=cast.pavel, **act) == first
        second = operations.put_beside(member=cast.hugo, **act)
        assert companion_of(circle) == second
        assert accompanied_by(cast.pavel) == []
        assert Companion.objects.filter(left_at=None).count() == 1
        assert operations.take_leave(companion=second, by=cast.cora)
        assert not operations.take_leave(companion=second, by=cast.cora)


def test_it_ends_with_the_circle(cast, circle):
    with tenant(cast.acme):
        operations.put_beside(partnership=circle, member=cast.pavel, by=cast.cora)
        end_partnership(partnership=circle, reason="other", by=cast.cora)
        assert accompanied_by(cast.pavel) == []
        with pytest.raises(PartnershipOver):
            operations.put_beside(partnership=circle, member=cast.hugo, by=cast.cora)
    assert "Circles you are beside" not in sign_in(cast.pavel).get("/o/acme/").text
