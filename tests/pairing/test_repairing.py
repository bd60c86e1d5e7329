"""Resting and parting: nobody is blamed on any page, in any e-mail, file or answer of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.accounts.operations import keys as accounts_keys
from core.accounts.operations.people import mark_left
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.members.permissions import TOKEN_SCOPES, can
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from pairing.errors import CircleNotTheirs, PartingOver, PartnershipOver
from pairing.models.partnerships import KindWords, Parting, Partnership, Seat
from pairing.models.runs import MatchRun
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.partnerships import end_partnership
from pairing.partnerships.queries import waiting_for_a_partner
from programs.models.programs import Cohort, Enrolment
from programs.operations import pauses
from tests.cast import make_member, sign_in
from tests.meanwhile import meanwhile
from tests.pairing.build import make_circles_cohort, make_cohort, make_partnership, person

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WORDS = "canary-kind-words"
CAUSE = "Style: we work differently"


@pytest.fixture(autouse=True)
def _now():
    with clock.at(NOW):
        yield


@pytest.fixture
def pair(cast):
    return fetched(make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel))


def fetched(partnership: Partnership) -> Partnership:
    with tenant(partnership.organisation):
        rows = Partnership.objects.select_related("organisation", "cohort__program")
        return rows.get(pk=partnership.pk)


def part(pair: Partnership, by: Member, **said) -> None:
    said.setdefault("cause", "style")
    with tenant(pair.organisation):
        repairing.part_ways(partnership=pair, by=by, **said)


def url(pair: Partnership, end: str = "") -> str:
    return f"/o/{pair.organisation.slug}/partnerships/{pair.pk}/{end}"


def emails() -> dict[str, str]:
    """Send what is due; return the whole text of each e-mail by its reader."""
    mail.outbox.clear()
    dispatch()
    return {each.to[0].split("@")[0]: each.message().as_string() for each in mail.outbox}


def test_a_partner_parts_from_the_page_and_both_get_the_same_email(cast, pair):
    browser = sign_in(cast.petra)
    assert browser.get(url(pair, "parting/")).status_code == 200
    assert browser.post(url(pair, "parting/"), {}).status_code == 422

    answer = browser.post(url(pair, "parting/"), {"cause": "style", "words": WORDS}, follow=True)

    assert answer.status_code == 200
    with tenant(cast.acme):
        ended = Partnership.objects.get(pk=pair.pk)
        assert (ended.state, ended.end_reason) == ("ended", "parted")
    texts = emails()
    words = {
        tuple(
            line.replace("Petra, ", "You, ").replace("Pavel, ", "You, ")
            for line in each.body.splitlines()
            if "://" not in line
        )
        for each in mail.outbox
    }
    assert set(texts) == {"petra", "pavel"}
    assert len(words) == 1


@pytest.mark.slow
def test_who_ended_it_and_why_is_on_no_page_in_no_email_file_or_answer(cast, pair):
    part(pair, cast.petra, words=WORDS, coordinator_sees=False)
    texts = {("email", name): text for name, text in emails().items()}
    with tenant(cast.acme):
        everybody = list(Member.objects.filter(state="live"))
        texts["audit", "all"] = "\n".join(
            f"{row.actor_name} {row.verb} {row.target_name} {row.details}"
            for row in AuditEvent.objects.filter(verb__startswith="partnership.")
        )
        texts["outbox", "all"] = str(list(Email.objects.values_list("context", flat=True)))
        keys = {}
        for member in (cast.olga, cast.cora, cast.hugo):
            scopes = [scope for scope in TOKEN_SCOPES if can(member, scope)]
            keys[member] = accounts_keys.create_token(name="T", scopes=scopes, by=member)[1]
    for member, key in keys.items():
        answer = Client().get("/api/v1/partnerships/", headers={"Authorization": f"Bearer {key}"})
        texts["api", member.given_name] = answer.content.decode()
    for member in everybody:
        browser, root = sign_in(member), f"/o/{member.organisation.slug}"
        for page in (
            f"{root}/",
            url(pair),
            url(pair, "parting/"),
            f"{root}/cohorts/{pair.cohort_id}/waiting/",
            f"{root}/cohorts/{pair.cohort_id}/partnerships/",
            f"{root}/cohorts/{pair.cohort_id}/partnerships/export/",
        ):
            answer = browser.get(page)
            body = b"".join(answer)
            texts[page, member.given_name] = body.decode()

    said = {
        where
        for where, text in texts.items()
        if 'value="style" checked' in text
        or f"Next time: {CAUSE}" in text
        or f"You said: {CAUSE}" in text
    }
    assert {who for _page, who in said} <= {"Petra"}
    assert not [
        w for w, text in texts.items() if "Petra ended" in text or "Petra Acme ended" in text
    ]
    assert "Petra" not in texts["audit", "all"].replace("Petra & Pavel", "")
    read = {who for (_where, who), text in texts.items() if WORDS in text}
    assert read == {"Petra", "Pavel"}


def test_the_coordinator_sees_the_cause_only_where_its_author_says_so(cast, pair):
    def causes(member):
        with tenant(cast.acme):
            found = waiting_for_a_partner(pair.cohort, member)
            return {each.enrolment.member.given_name: each.cause for each in found}

    part(pair, cast.petra)
    assert causes(cast.cora) == {"Petra": CAUSE, "Pavel": ""}
    with tenant(cast.acme):
        repairing.say_what_next(
            partnership=fetched(pair), by=cast.petra, cause="time", coordinator_sees=False
        )
        repairing.say_what_next(partnership=fetched(pair), by=cast.pavel, cause="distance")
    assert causes(cast.cora) == {"Petra": "", "Pavel": "Distance: places or time zones"}


def test_parting_twice_is_refused_and_afterwards_words_are_welcome_for_a_month(cast, pair):
    part(pair, cast.petra)
    with pytest.raises(PartnershipOver):
        part(fetched(pair), cast.pavel)
    with tenant(cast.acme):
        repairing.say_what_next(partnership=fetched(pair), by=cast.pavel, cause="time", words=WORDS)
        with pytest.raises(ValueError, match="sat there"):
            repairing.say_what_next(partnership=fetched(pair), by=cast.hugo, cause="time")
    with tenant(cast.acme, member=cast.petra.pk):
        assert KindWords.objects.get().text == WORDS
    with (
        clock.at(NOW + timedelta(days=31)),
        tenant(cast.acme),
        pytest.raises(PartingOver),
    ):
        repairing.say_what_next(partnership=fetched(pair), by=cast.petra, cause="time")


def test_only_who_waits_is_said_to_go_first(cast, pair):
    part(pair, cast.petra)
    page = sign_in(cast.petra).get(url(pair, "parting/")).text
    assert "You go first in the next matching" in page
    with tenant(cast.acme):
        assert {
            email.member.given_name: email.context["first"]
            for email in Email.objects.filter(kind="pairing.parted").select_related("member")
        } == {"Petra": True, "Pavel": True}
        # nobody is matched once the cohort is closing
        Cohort.objects.filter(pk=pair.cohort_id).update(phase=Cohort.Phase.CLOSING)
    page = sign_in(cast.petra).get(url(pair, "parting/")).text
    assert "That happens, and nobody is to blame." in page
    assert "You go first" not in page
    said = sign_in(cast.petra).post(url(pair, "parting/"), {"cause": "time"}, follow=True).text
    assert "You go first" not in said


def test_who_completed_is_thanked_and_promised_nothing(cast, pair):
    with tenant(cast.acme):
        end_partnership(
            partnership=fetched(pair), reason="", by=None, state=Partnership.State.COMPLETED
        )
    page = sign_in(cast.petra).get(url(pair, "parting/")).text
    assert "Thank you for the time you gave each other." in page
    assert "You go first" not in page


def test_one_of_a_circle_leaves_it_and_the_others_go_on(cast):
    cohort = make_circles_cohort(cast.acme, peers=0)
    people = [person(cohort, name, "peer").member for name in ("Ann", "Ben", "Cem")]
    circle = fetched(make_partnership(cohort, *people))

    part(circle, people[0])

    with tenant(cast.acme):
        assert Partnership.objects.get(pk=circle.pk).state == "active"
        assert Seat.objects.filter(partnership=circle, left_at=None).count() == 2
        assert Parting.objects.get().seat.enrolment.member_id == people[0].pk
    texts = emails()
    assert "Subject: You have left " in texts.pop("ann")
    assert set(texts) == {"ben", "cem"}
    assert all("Subject: Ann Acme has left " in text for text in texts.values())
    browser = sign_in(people[0])
    assert "You have left" in browser.get(url(circle, "parting/")).text
    assert browser.post(url(circle, "parting/"), {"cause": "time"}).status_code == 302


def test_a_rest_until_a_day_ends_by_itself_and_all_are_told_in_the_same_words(cast, pair):
    browser = sign_in(cast.pavel)
    past = {"until": "2026-05-01"}
    assert browser.post(url(pair, "pause/"), past).status_code == 422
    assert browser.post(url(pair, "pause/"), {"until": "2026-06-15"}).status_code == 302
    assert "is paused until 15 June 2026" in browser.get(url(pair)).text
    texts = emails()
    assert set(texts) == {"petra", "pavel"}
    assert all("is paused until 15 June" in text.replace("=\n", "") for text in texts.values())

    def sweep(at):
        with clock.at(at), tenant(cast.acme):
            return repairing.resume_rested_partnerships(at=at)

    later = NOW + timedelta(days=14)
    assert sweep(NOW + timedelta(days=13)) == 0
    assert [sweep(later), sweep(later)] == [1, 0]
    assert fetched(pair).state == "active"
    with clock.at(later):
        assert set(emails()) == {"petra", "pavel"}


def test_a_rest_until_what_is_today_in_the_organisations_zone_is_refused(cast, pair):
    with tenant(cast.acme):
        OrganisationSettings.objects.update(time_zone="Pacific/Auckland")
    until = date(2026, 3, 2)  # today in Auckland, tomorrow in Greenwich
    with clock.at(datetime(2026, 3, 1, 19, tzinfo=UTC)):
        page = sign_in(cast.pavel).post(url(pair, "pause/"), {"until": until.isoformat()})
        with tenant(cast.acme), pytest.raises(ValueError, match="a day to come"):
            repairing.pause_partnership(partnership=pair, by=cast.pavel, until=until)
    assert page.status_code == 422
    assert fetched(pair).state == "active"


def test_the_waiting_page_says_who_waits_for_how_long_and_starts_a_run(cast, pair):
    part(pair, cast.petra)
    with tenant(cast.acme):
        waiting_page = f"/o/acme/cohorts/{pair.cohort_id}/waiting/"
    later = NOW + timedelta(days=12)
    with clock.at(later):
        browser = sign_in(cast.cora)
        text = browser.get(waiting_page).text
        assert "12 days" in text
        assert f"Next time: {CAUSE}" in text
        assert browser.post(f"{waiting_page}run/").status_code == 302
    with tenant(cast.acme):
        run = MatchRun.objects.get()
        assert len(run.snapshot["first"]) == 2
    assert sign_in(cast.petra).get(waiting_page).status_code == 403
    assert sign_in(cast.gina).get(waiting_page.replace("acme", "globex")).status_code == 404


def test_who_waits_costs_the_same_however_many_they_are(cast):
    cohort = make_cohort(cast.acme)
    browser, page = sign_in(cast.cora), f"/o/acme/cohorts/{cohort.pk}/waiting/"
    counts = []
    for number in range(3):
        one, other = (make_member(cast.acme, f"{name}{number}") for name in ("A", "B"))
        part(fetched(make_partnership(cohort, one, other)), one)
        if number != 1:
            with CaptureQueriesContext(connection) as statements:
                assert browser.get(page).status_code == 200
            counts.append(len(statements))
    assert counts[0] == counts[1]


def test_one_of_a_circle_neither_stops_nor_starts_its_meetings_and_its_coordinator_does(cast):
    cohort = make_circles_cohort(cast.acme, peers=0)
    people = [person(cohort, name, "peer").member for name in ("Ann", "Ben", "Cem")]
    circle = fetched(make_partnership(cohort, *people))
    with tenant(cast.acme):
        with pytest.raises(CircleNotTheirs):
            repairing.pause_partnership(partnership=circle, by=people[0])
        assert fetched(circle).state == "active"
        repairing.pause_partnership(partnership=circle, by=cast.cora)
        with pytest.raises(CircleNotTheirs):
            repairing.resume_partnership(partnership=circle, by=people[0])
        assert fetched(circle).state == "paused"


def test_who_never_sat_there_does_not_part_the_two(cast, pair):
    with pytest.raises(ValueError, match="sits there"):
        part(pair, cast.hugo)
    assert fetched(pair).state == "active"


def test_who_has_left_the_organisation_is_not_written_to_about_a_rest(cast, pair):
    with tenant(cast.acme):
        mark_left(member=cast.petra, by=cast.olga)
        repairing.pause_partnership(partnership=pair, by=cast.cora)
        told = Email.objects.filter(kind="pairing.rests").values_list("member", flat=True)
        assert list(told) == [cast.pavel.pk]


def test_a_rest_that_somebody_faster_ended_is_not_ended_twice(cast, pair):
    def resume() -> None:
        repairing.resume_partnership(partnership=pair, by=cast.petra)

    with tenant(cast.acme):
        until = NOW.date() + timedelta(days=1)
        repairing.pause_partnership(partnership=pair, by=cast.pavel, until=until)
        with clock.at(NOW + timedelta(days=1)):
            with meanwhile(Partnership, resume):
                assert repairing.resume_rested_partnerships(at=clock.now()) == 0
            assert Email.objects.filter(kind="pairing.goes_on").count() == 2
    assert fetched(pair).state == "active"


def test_a_pair_that_somebody_faster_let_rest_keeps_their_day(cast, pair):
    until = NOW.date() + timedelta(days=3)

    def rest() -> None:
        repairing.pause_partnership(partnership=pair, by=cast.petra, until=until)

    with tenant(cast.acme):
        enrolment = Enrolment.objects.for_list().get(cohort=pair.cohort, member=cast.pavel)
        away = NOW.date() + timedelta(days=20)
        pauses.pause_enrolment(enrolment=enrolment, until=away, by=cast.pavel)
        with meanwhile(Partnership, rest):
            assert repairing.rest_pairs_on_a_break(at=NOW) == 0
        assert Email.objects.filter(kind="pairing.rests").count() == 2
    rests = fetched(pair)
    assert (rests.state, rests.paused_until) == ("paused", until)
