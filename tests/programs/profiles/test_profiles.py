"""Who reads which field of a profile: each field, each audience, each reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from mentoring.privacy.erasing import erase_member
from pairing.models.partnerships import Partnership, Seat
from programs.models.profiles import ProfileEntry
from programs.models.programs import Cohort, Enrolment, Program
from programs.profiles import operations
from tests.cast import Cast, make_member, sign_in
from tests.feedback.build import make_cohort, make_partnership
from tests.programs.build import run_only

Field, Audience = ProfileEntry.Field, ProfileEntry.Audience
WRITTEN = [field for field in Field if field != Field.LANGUAGES]


@pytest.fixture
def table(cast: Cast) -> Partnership:
    """Petra and Pavel work together; Mia is in their cohort, Noor in no program at all."""
    cohort = make_cohort(cast.acme)
    seats = make_partnership(cohort, cast.petra, cast.pavel)
    mia = make_member(cast.acme, "Mia")
    make_member(cast.acme, "Noor")
    with tenant(cast.acme):
        Enrolment.objects.create(
            cohort=cohort,
            member=mia,
            part="peer",
            state="active",
            applied_at=clock.now(),
            accepted_at=clock.now(),
            started_at=clock.now(),
        )
        return Partnership.objects.select_related("organisation", "cohort__program").get(
            pk=seats[0].partnership_id
        )


def write(member: Member, *shown_to: str, **audiences: list[str]) -> None:
    """Fill somebody's profile: each field says "canary <field>"."""
    Member.objects.filter(pk=member.pk).update(languages=["canary languages"])
    operations.set_profile(
        texts={field: f"canary {field}" for field in WRITTEN},
        shown_to={field: audiences.get(field, list(shown_to)) for field in Field.values},
        by=member,
    )


def people(cast: Cast) -> Iterator[tuple[str, Client]]:
    with tenant(cast.acme):
        rows = {member.given_name: member for member in Member.objects.select_related("user")}
    for name in ("Petra", "Pavel", "Mia", "Noor", "Cora", "Olga", "Hugo"):
        yield name, sign_in(rows[name])


def readers(cast: Cast, table: Partnership, words: str) -> list[str]:
    """Return who reads the words anywhere: the profile, the partnership, alone and borrowed."""
    pages = [
        f"/o/acme/profiles/{cast.petra.pk}/",
        f"/o/acme/partnerships/{table.pk}/profiles/",
        f"/o/acme/partnerships/{table.pk}/",
        f"/o/acme/people/{cast.petra.pk}/",
        f"/o/acme/people/?q={words.split()[0]}",
    ]
    found = []
    for name, browser in people(cast):
        texts = [browser.get(page, headers=more).text for page in pages for more in ({}, HTMX)]
        if any(f">{words}<" in text or f" {words}<" in text for text in texts):
            found.append(name)
    return found


HTMX = {"HX-Request": "true"}
ONLY = {
    (): ["Petra"],
    (Audience.PARTNERS,): ["Petra", "Pavel"],
    (Audience.COHORT,): ["Petra", "Pavel", "Mia"],
    (Audience.COORDINATORS,): ["Petra", "Cora", "Olga"],
}


@pytest.mark.slow
@pytest.mark.parametrize("audiences", ONLY, ids=lambda audiences: "+".join(audiences) or "nobody")
@pytest.mark.parametrize("field", WRITTEN)
def test_each_field_is_read_by_those_alone_whom_its_owner_has_ticked(
    cast: Cast, table: Partnership, field: str, audiences: tuple[str, ...]
):
    with tenant(cast.acme):
        write(cast.petra, **{field: list(audiences)})
    assert readers(cast, table, f"canary {field}") == ONLY[audiences]
    assert readers(cast, table, "canary " + ("seek" if field != "seek" else "goal")) == ["Petra"]


def test_languages_are_the_work_fact_and_have_readers_of_their_own(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        write(cast.petra, languages=[Audience.PARTNERS])
    for browser, seen in ((sign_in(cast.pavel), True), (sign_in(cast.cora), False)):
        page = browser.get(f"/o/acme/partnerships/{table.pk}/profiles/").text
        assert ("canary languages" in page) is seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bound", "audience"),
    [
        ("profiles_to_cohort", Audience.COHORT),
        ("profiles_to_coordinators", Audience.COORDINATORS),
    ],
)
def test_a_program_may_draw_the_circle_closer_than_its_people(
    cast: Cast, table: Partnership, bound: str, audience: str
):
    with tenant(cast.acme):
        write(cast.petra, audience)
        Program.objects.filter(pk=table.cohort.program_id).update(**{bound: False})
    assert readers(cast, table, "canary offer") == ["Petra"]
    page = sign_in(cast.petra).get("/o/acme/me/shown/").text
    assert str(Audience(audience).label) not in page.partition('id="bounds"')[2]


@pytest.mark.slow
def test_who_leaves_the_table_the_cohort_or_the_organisation_reads_no_more(
    cast: Cast, table: Partnership
):
    with tenant(cast.acme):
        write(cast.petra, Audience.PARTNERS)
        Seat.objects.filter(partnership=table, enrolment__member=cast.pavel).update(
            left_at=clock.now()
        )
    assert readers(cast, table, "canary offer") == ["Petra"]
    with tenant(cast.acme):
        write(cast.petra, Audience.COHORT)
        Enrolment.objects.filter(member__given_name="Mia").update(
            state="withdrawn", ended_at=clock.now()
        )
    assert readers(cast, table, "canary offer") == ["Petra", "Pavel"]
    with tenant(cast.acme):
        Cohort.objects.filter(pk=table.cohort_id).update(phase="called_off")
    assert readers(cast, table, "canary offer") == ["Petra"]


@pytest.mark.slow
def test_a_coordinator_of_another_program_reads_nothing(cast: Cast, table: Partnership):
    with tenant(cast.acme):
        write(cast.petra, Audience.COORDINATORS)
        other = Program.objects.create(name="Another", format=Program.Format.CIRCLES)
        run_only(cast.cora, other)
    assert readers(cast, table, "canary offer") == ["Petra", "Olga"]


def test_an_unknown_person_is_the_same_as_one_whom_nobody_here_may_meet(
    cast: Cast, table: Partnership
):
    browser = sign_in(cast.petra)
    with tenant(cast.acme):
        noor = Member.objects.get(given_name="Noor")
    for who in (noor.pk, cast.greta.pk, "01934a5c-0000-7000-8000-000000000009"):
        assert browser.get(f"/o/acme/profiles/{who}/").status_code == 404


def test_a_person_writes_it_on_one_page_and_what_is_too_long_is_said_there(
    cast: Cast, table: Partnership
):
    browser = sign_in(cast.petra)
    sent = {"offer": "Listening", "offer_shown_to": ["partners"], "seek": "x" * 1001}
    answer = browser.post("/o/acme/me/shown/", sent)
    assert (answer.status_code, "Listening" in answer.text) == (422, True)
    answer = browser.post("/o/acme/me/shown/", sent | {"seek": ""}, follow=True)
    assert "What others read of you is saved." in answer.text
    with tenant(cast.acme):
        offer = ProfileEntry.objects.get(member=cast.petra, field="offer")
        assert (offer.text, offer.shown_to) == ("Listening", ["partners"])
        erase_member(member=cast.petra, by=cast.petra)
        assert not ProfileEntry.objects.exists()
