"""Partners who wish to go on after the last day may: until the earliest day, when all wish it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from feedback import operations as endings
from pairing.errors import NotEndingSoon, NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import going_on
from pairing.partnerships.queries import outside_the_cohort
from programs.models.programs import Cohort
from tests.cast import Cast, make_member, sign_in
from tests.sessions.build import make_cohort, make_partnership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_acme(cast: Cast) -> Iterator[None]:
    with tenant(cast.acme):
        yield


@pytest.fixture
def pair(cast: Cast) -> Partnership:
    """Petra and Pavel, three weeks before their last day."""
    pair = make_partnership(make_cohort(cast.acme, format="pairs"), [cast.petra, cast.pavel])
    last = day_of(clock.now()) + timedelta(weeks=3)
    Cohort.objects.filter(pk=pair.cohort_id).update(ends_on=last)
    Partnership.objects.filter(pk=pair.pk).update(ends_on=last)
    return Partnership.objects.select_related("cohort", "organisation").get(pk=pair.pk)


def kinds(cast: Cast) -> list[tuple[str, str]]:
    emails = Email.objects.filter(kind__in=("pairing.go_on_asked", "pairing.prolonged"))
    return sorted(emails.values_list("kind", "member__given_name"))


def test_it_goes_on_until_the_earliest_day_when_both_wish_it(cast: Cast, pair: Partnership):
    last = pair.ends_on
    going_on.wish_to_go_on(partnership=pair, until=last + timedelta(90), by=cast.petra)
    pair.refresh_from_db()
    assert (pair.ends_on, pair.prolonged) == (last, False)
    assert kinds(cast) == [("pairing.go_on_asked", "Pavel")]

    going_on.wish_to_go_on(partnership=pair, until=last + timedelta(60), by=cast.pavel)

    pair.refresh_from_db()
    assert (pair.ends_on, pair.prolonged) == (last + timedelta(60), True)
    assert not Seat.objects.exclude(goes_on_until=None).exists()
    assert kinds(cast)[1:] == [("pairing.prolonged", "Pavel"), ("pairing.prolonged", "Petra")]


def test_a_wish_can_be_withdrawn_and_asks_nobody_twice(cast: Cast, pair: Partnership):
    for until in (pair.ends_on + timedelta(30), None, pair.ends_on + timedelta(40)):
        going_on.wish_to_go_on(partnership=pair, until=until, by=cast.petra)
    going_on.wish_to_go_on(partnership=pair, until=None, by=cast.petra)
    going_on.wish_to_go_on(partnership=pair, until=pair.ends_on + timedelta(1), by=cast.pavel)
    pair.refresh_from_db()
    assert not pair.prolonged
    assert kinds(cast) == [("pairing.go_on_asked", "Pavel"), ("pairing.go_on_asked", "Petra")]


def test_closing_the_cohort_does_not_end_it_and_its_own_last_day_does(
    cast: Cast, pair: Partnership
):
    until = pair.ends_on + timedelta(60)
    for member in (cast.petra, cast.pavel):
        going_on.wish_to_go_on(partnership=pair, until=until, by=member)
    other = make_partnership(pair.cohort, [make_member(cast.acme, n) for n in ("Uma", "Udo")])
    Cohort.objects.filter(pk=pair.cohort_id).update(phase=Cohort.Phase.CLOSED)

    assert not outside_the_cohort(pair.cohort).filter(pk=pair.pk).exists()
    assert endings.end_partnerships_of_closed_cohorts(at=clock.now()) == 1
    pair.refresh_from_db()
    other.refresh_from_db()
    assert (pair.is_open, other.is_open) == (True, False)

    with clock.at(clock.now() + timedelta(days=90)):
        assert endings.end_partnerships_whose_time_is_over(at=clock.now()) == 1
    pair.refresh_from_db()
    assert not pair.is_open


def test_it_is_refused_long_before_the_end_for_strangers_and_for_odd_days(
    cast: Cast, pair: Partnership
):
    day = pair.ends_on + timedelta(30)
    with pytest.raises(NotTheirs):
        going_on.wish_to_go_on(partnership=pair, until=day, by=cast.cora)
    with pytest.raises(ValueError, match="later day"):
        going_on.wish_to_go_on(partnership=pair, until=pair.ends_on, by=cast.petra)
    with clock.at(clock.now() - timedelta(weeks=4)), pytest.raises(NotEndingSoon):
        going_on.wish_to_go_on(partnership=pair, until=day, by=cast.petra)


def test_the_page_asks_shows_who_wishes_and_says_what_came_of_it(cast: Cast, pair: Partnership):
    address = f"/o/acme/partnerships/{pair.pk}/"
    day = pair.ends_on + timedelta(30)
    petra, pavel = sign_in(cast.petra), sign_in(cast.pavel)
    assert "Go on after it" in petra.get(address).content.decode()
    refused = petra.post(f"{address}go-on/", {"until": pair.ends_on.isoformat()})
    assert refused.status_code == 422
    assert "within a year after the last one" in refused.content.decode()
    asked = petra.post(f"{address}go-on/", {"until": day.isoformat()}, follow=True)
    assert "Your partners are asked." in asked.content.decode()
    assert "Petra would like to go on until" in pavel.get(f"{address}go-on/").content.decode()
    done = pavel.post(f"{address}go-on/", {"until": day.isoformat()}, follow=True)
    assert "goes on until" in done.content.decode()
    assert sign_in(cast.cora).get(f"{address}go-on/").status_code == 404
