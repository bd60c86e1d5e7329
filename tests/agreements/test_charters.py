"""A charter: written by all without losing a word, signed by each, asked again when it changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from agreements.charters import operations as charters_operations
from agreements.charters import queries as charters_queries
from agreements.charters.models import Charter, CharterEdit, CharterSection, CharterSignature
from agreements.errors import CharterBegun, CharterChanged, CharterUnwritten
from core.common import clock
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from pairing.partnerships.operations.partnerships import leave_seat
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON
from tests.sessions.conftest import Circle


def begun(cast: Cast, circle: Circle) -> tuple[Charter, CharterSection]:
    with tenant(cast.acme):
        charter = charters_operations.begin_charter(partnership=circle.partnership, by=cast.petra)
        section = charter.sections.order_by("position").first()
        assert section is not None
        return charter, section


def write(cast: Cast, section: CharterSection, text: str, version: int, by: Any) -> CharterSection:
    with tenant(cast.acme):
        return charters_operations.edit_section(section=section, text=text, version=version, by=by)


@pytest.mark.slow
def test_two_who_write_at_once_lose_nothing(cast: Cast, circle: Circle):
    _charter, section = begun(cast, circle)
    address = f"/o/acme/partnerships/{circle.partnership.pk}/charter/sections/{section.pk}/"
    petra, pavel = sign_in(cast.petra), sign_in(cast.pavel)
    assert petra.post(address, {"text": "We meet on Mondays", "version": 0}).status_code == 302
    clash = pavel.post(address, {"text": "We meet on Fridays", "version": 0})
    shown = clash.content.decode()
    assert clash.status_code == 409
    # both texts are there, and his stands in the field with the version that he now knows
    assert "We meet on Mondays" in shown
    assert clash.context["form"]["text"].value() == "We meet on Fridays"
    both = "We meet on Mondays, and on Fridays when a Monday is a holiday"
    assert pavel.post(address, {"text": both, "version": 1}).status_code == 302
    with tenant(cast.acme):
        texts = list(CharterEdit.objects.order_by("version").values_list("text", flat=True))
        assert texts == ["We meet on Mondays", both]
        # the same text again is no change, and asks nobody to sign again
        write(cast, section, both, 1, cast.petra)
        assert Charter.objects.get().revision == 2


def test_a_change_asks_everybody_to_sign_again_with_one_email(cast: Cast, circle: Circle):
    charter, section = begun(cast, circle)
    with tenant(cast.acme), pytest.raises(CharterUnwritten):
        charters_operations.sign_charter(charter=charter, revision=0, by=cast.petra)
    write(cast, section, "We meet on Mondays", 0, cast.petra)
    with tenant(cast.acme):
        for member in circle.members:
            charters_operations.sign_charter(charter=charter, revision=1, by=member)
        facts = charters_queries.charter_facts([circle.partnership.pk])[circle.partnership.pk]
        assert (facts.signed, facts.partners, facts.is_signed) == (6, 6, True)
    write(cast, section, "We meet on Tuesdays", 1, cast.pavel)
    write(cast, section, "We meet on Wednesdays", 2, cast.pavel)
    with tenant(cast.acme):
        facts = charters_queries.charter_facts([circle.partnership.pk])[circle.partnership.pk]
        assert (facts.signed, facts.is_signed) == (0, False)
        with pytest.raises(CharterChanged):  # read before it changed
            charters_operations.sign_charter(charter=charter, revision=1, by=cast.petra)
        standing = Email.objects.filter(kind="agreements.charter_changed", withdrawn_at=None)
        wanted = [m.given_name for m in circle.members if m.pk != cast.pavel.pk]
        assert Counter(standing.values_list("member__given_name", flat=True)) == Counter(wanted)
        assert CharterSignature.objects.filter(revision=1).count() == 6  # what was signed stays


def test_who_objects_says_why_and_coordinators_read_no_word(cast: Cast, circle: Circle):
    _charter, section = begun(cast, circle)
    write(cast, section, "secretword text", 0, cast.petra)
    table = f"/o/acme/partnerships/{circle.partnership.pk}/charter/"
    pavel = sign_in(cast.pavel)
    assert pavel.post(f"{table}object/", {"revision": 1, "reason": ""}).status_code == 422
    assert (
        pavel.post(f"{table}object/", {"revision": 1, "reason": "secretword reason"}).status_code
        == 302
    )
    assert "secretword reason" in sign_in(cast.petra).get(table).content.decode()
    assert sign_in(cast.petra).post(f"{table}sign/", {"revision": 1}).status_code == 302
    for member in (cast.cora, cast.olga):
        client = sign_in(member)
        shown = client.get(table).content.decode()
        assert "Signed by 1 of 6." in shown
        assert "secretword" not in shown
        assert client.get(f"{table}sections/{section.pk}/").status_code == 404
        assert client.post(f"{table}sign/", {"revision": 1}).status_code == 409
    with tenant(cast.acme), pytest.raises(NotTheirs):
        charters_operations.add_section(charter=_charter, title="Ours", by=cast.cora)


def test_a_charter_is_begun_once(cast: Cast, circle: Circle):
    begun(cast, circle)
    with tenant(cast.acme), pytest.raises(CharterBegun):
        charters_operations.begin_charter(partnership=circle.partnership, by=cast.pavel)
    assert (
        len(
            sign_in(cast.pavel)
            .get(f"/o/acme/partnerships/{circle.partnership.pk}/charter/")
            .context["sheet"]
            .sections
        )
        == 6
    )


def test_who_has_left_reads_each_section_as_it_was_then_and_nothing_written_since(
    cast: Cast, circle: Circle
):
    charter, first = begun(cast, circle)
    with tenant(cast.acme):
        second = charter.sections.get(position=first.position + 1)
    write(cast, first, "We meet on Mondays", 0, cast.petra)
    write(cast, first, "We meet on Tuesdays", 1, cast.petra)
    write(cast, second, "Phones are away", 0, cast.petra)
    with clock.at(NOON + timedelta(days=1)), tenant(cast.acme):
        leave_seat(seat=circle.seat("Pavel"), by=None)
    with clock.at(NOON + timedelta(days=2)):
        write(cast, first, "We meet on Wednesdays", 2, cast.petra)
        write(cast, first, "We meet on Thursdays", 3, cast.petra)
    with tenant(cast.acme, member=cast.pavel.pk):
        sheet = charters_queries.charter_sheet(partnership=circle.partnership, member=cast.pavel)
    texts = [(section.text, section.version) for section in sheet.sections]
    assert texts == [("We meet on Tuesdays", 2), ("Phones are away", 1), *[("", 0)] * 4]
    assert (sheet.reads_words, sheet.seat, sheet.can_sign) == (True, None, False)
