"""Thanks among partners: who reads them, who is told, and how many there may be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.errors import EnoughThanks
from feedback.models.recognition import Thanks
from feedback.recognition import operations
from mentoring.privacy.erasing import erase_member
from mentoring.privacy.export import data_of
from pairing.errors import NotTheirs
from pairing.models.partnerships import Partnership, Seat
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import OPENS, START, make_cohort, make_partnership, noon

WORDS = "canary: you asked what nobody asked."
NOW = noon(OPENS)


@pytest.fixture
def table(cast: Cast) -> Partnership:
    """Petra, Pavel and Mia in a circle; Cora runs the program."""
    with time_machine.travel(NOW, tick=False):
        people = (cast.petra, cast.pavel, make_member(cast.acme, "Mia"))
        seats = make_partnership(make_cohort(cast.acme), *people)
        with tenant(cast.acme):
            yield Partnership.objects.select_related("organisation", "cohort__program").get(
                pk=seats[0].partnership_id
            )


def give(table: Partnership, by: Member, to: Member, *, shown: bool = False) -> Thanks:
    with tenant(table.organisation_id):
        return operations.give_thanks(partnership=table, to=to, words=WORDS, shown=shown, by=by)


def page(table: Partnership) -> str:
    return reverse("feedback:celebrations", args=["acme", table.pk])


def told(cast: Cast, kind: str) -> list[Any]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind=f"feedback.{kind}").order_by("member__given_name")
        return list(rows.values_list("member__given_name", flat=True))


def readers(table: Partnership, people: list[Member]) -> list[str]:
    return [
        member.given_name for member in people if WORDS in sign_in(member).get(page(table)).text
    ]


def mia(cast: Cast) -> Member:
    with tenant(cast.acme):
        return Member.objects.get(given_name="Mia")


def test_thanks_are_read_by_the_two_alone_and_the_thanked_one_is_told(
    cast: Cast, table: Partnership
):
    browser = sign_in(cast.petra)
    sent = {"to": str(cast.pavel.pk), "words": WORDS}
    answer = browser.post(page(table), sent, follow=True)
    assert "Pavel Acme is told of your thanks." in answer.text
    assert readers(table, [cast.petra, cast.pavel, mia(cast), cast.cora, cast.olga]) == [
        "Petra",
        "Pavel",
    ]
    assert (told(cast, "thanks"), told(cast, "celebration")) == (["Pavel"], [])
    with tenant(cast.acme):
        (email,) = Email.objects.filter(kind="feedback.thanks")
        assert WORDS not in str(email.context)
    assert WORDS in sign_in(cast.pavel).get("/o/acme/recognition/").text
    assert WORDS not in sign_in(mia(cast)).get("/o/acme/recognition/").text


def test_shown_thanks_are_read_by_the_table_and_told_to_it_once_a_week(
    cast: Cast, table: Partnership
):
    give(table, cast.petra, cast.pavel, shown=True)
    assert readers(table, [cast.petra, cast.pavel, mia(cast), cast.cora]) == [
        "Petra",
        "Pavel",
        "Mia",
    ]
    assert (told(cast, "thanks"), told(cast, "celebration")) == (["Pavel"], ["Mia"])
    # on her page are those to her and from her
    assert WORDS not in sign_in(mia(cast)).get("/o/acme/recognition/").text


def test_only_partners_thank_each_other(cast: Cast, table: Partnership):
    for by, to in [(cast.cora, cast.petra), (cast.petra, cast.cora), (cast.petra, cast.petra)]:
        with pytest.raises(NotTheirs):
            give(table, by, to)
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.pavel.pk).update(state="left")
    with pytest.raises(NotTheirs):
        give(table, cast.petra, cast.pavel)


def test_who_has_left_thanks_no_more_and_who_sat_there_to_its_end_does(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        Seat.objects.filter(enrolment__member=cast.pavel).update(left_at=noon(START))
        Seat.objects.exclude(enrolment__member=cast.pavel).update(left_at=NOW)
        Partnership.objects.update(state="completed", ended_at=NOW)
    assert give(table, cast.petra, mia(cast)).to == mia(cast)
    with pytest.raises(NotTheirs):
        give(table, cast.pavel, cast.petra)


def test_five_a_week_and_the_sixth_stays_in_the_form(cast: Cast, table: Partnership):
    for _number in range(5):
        give(table, cast.petra, cast.pavel)
    with pytest.raises(EnoughThanks):
        give(table, cast.petra, cast.pavel)
    answer = sign_in(cast.petra).post(page(table), {"to": str(cast.pavel.pk), "words": "A sixth."})
    assert answer.status_code == 422
    assert "A sixth." in answer.text
    assert "five times within a week" in answer.text
    with clock.at(NOW + timedelta(days=7)):
        give(table, cast.petra, cast.pavel)


def test_the_partnership_and_the_session_lead_there(cast: Cast, table: Partnership):
    own = sign_in(cast.petra).get(table.get_absolute_url()).text
    assert page(table) in own
    assert page(table) not in sign_in(cast.cora).get(table.get_absolute_url()).text
    fragment = sign_in(cast.petra).get(page(table), headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "Celebrations" in fragment


def test_an_erasure_of_the_author_takes_the_words_away(cast: Cast, table: Partnership):
    give(table, cast.petra, cast.pavel)
    with tenant(cast.acme):
        erase_member(member=cast.petra, by=cast.olga)
    with tenant(cast.acme, member=cast.pavel.pk):
        assert [row.text for row in Thanks.objects.all()] == ["(erased)"]
    assert WORDS not in sign_in(cast.pavel).get(page(table)).text


def test_both_find_them_in_their_own_export(cast: Cast, table: Partnership):
    give(table, cast.petra, cast.pavel, shown=True)
    for member, number in [(cast.petra, 1), (cast.pavel, 1), (mia(cast), 0)]:
        with tenant(cast.acme, member=member.pk):
            assert len(data_of(member).get("feedback_thanks", [])) == number
