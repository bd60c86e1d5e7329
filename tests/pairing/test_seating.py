"""People are put into circles and pairs that run, moved and joined; and everybody is told."""

from __future__ import annotations

import pytest

from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import (
    CircleFull,
    KeptApart,
    NameTaken,
    NoRoomLeft,
    NotOneProgram,
    PartnershipOver,
    SeatLeft,
)
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import end_partnership
from pairing.seating import operations
from pairing.seating.queries import (
    SeatedTables,
    candidates_for,
    partners_for,
    places_for,
    why_together,
)
from programs.models.parts import Criterion
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, make_member, sign_in
from tests.pairing import build
from tests.work import catch_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort(cast: Cast) -> Cohort:
    """A circles cohort of 6 to 8 in a circle; it runs."""
    return build.make_cohort(cast.acme, "leadership-circles")


def circle(cohort: Cohort, name: str, *names: str) -> Partnership:
    members = [
        make_member(
            cohort.organisation,
            given,
            languages=["en"],
            time_zone="Europe/Berlin",
            department=build.DEPARTMENTS[i % 3],
            level=build.LEVELS[i % 4],
        )
        for i, given in enumerate(names)
    ]
    made = build.make_partnership(cohort, *members, name=name)
    return reread(made)


def reread(partnership: Partnership) -> Partnership:
    with tenant(partnership.organisation):
        rows = Partnership.objects.select_related("organisation", "cohort__program")
        return rows.get(pk=partnership.pk)


def people(partnership: Partnership) -> list[str]:
    with tenant(partnership.organisation):
        seats = Seat.objects.open().filter(partnership=partnership).order_by("id")
        return [
            seat.enrolment.member.given_name for seat in seats.select_related("enrolment__member")
        ]


def seat(partnership: Partnership, given: str) -> Seat:
    rows = Seat.objects.open().filter(partnership=partnership, enrolment__member__given_name=given)
    return rows.select_related("partnership", "enrolment__member", "enrolment__cohort").get()


def told(cohort: Cohort, kind: str) -> dict[str, object]:
    """Return who was told by e-mails of that kind, and of what; their place is the cause."""
    with tenant(cohort.organisation):
        rows = Email.objects.filter(kind=kind).select_related("member").order_by("id")
        places = dict(Enrolment.objects.filter(cohort=cohort).values_list("pk", "member"))
        assert all(places[row.cause_id] == row.member_id for row in rows)
        return {row.member.given_name: row.context["partnership"] for row in rows}


SIX = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn")
MORE = ("Gus", "Hana", "Ivo", "Jana", "Kai", "Lea")


@pytest.mark.slow
def test_somebody_is_seated_in_a_running_circle_from_its_page(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    catch_up()
    newcomer = build.person(cohort, "Xochitl", "peer")
    browser = sign_in(cast.cora)
    page = browser.get(f"/o/acme/partnerships/{ash.pk}/seats/")
    with tenant(cast.acme):
        place = candidates_for(ash)[0].place
    assert (place.people, place.room) == (6, 2)
    assert f"{place.after} with this person" in page.content.decode()
    assert "Seat Xochitl Acme here" in page.content.decode()

    browser.post(f"/o/acme/partnerships/{ash.pk}/seats/", {"enrolment": str(newcomer.pk)})

    assert people(ash) == [*SIX, "Xochitl"]
    assert reread(ash).score == place.after
    with tenant(cast.acme):
        newcomer.refresh_from_db()
        assert newcomer.state == Enrolment.State.ACTIVE
    assert told(cohort, "pairing.matched") == {"Xochitl": "Circle Ash"}
    assert told(cohort, "pairing.changed") == dict.fromkeys(SIX, "Circle Ash")
    catch_up()
    with tenant(cast.acme):
        coming = Session.objects.filter(partnership=ash, state=Session.State.PLANNED)
        assert Turn.objects.filter(session__in=coming, seat__enrolment=newcomer).exists()
        assert Email.objects.filter(member=newcomer.member, kind="sessions.invitation").exists()


def test_the_best_circle_comes_first_with_the_score_the_engine_gives(
    cast: Cast, cohort: Cohort
) -> None:
    circle(cohort, "Circle Ash", *SIX)
    circle(cohort, "Circle Beech", *MORE)
    newcomer = build.person(cohort, "Xochitl", "peer", level="7", department="Finance")
    with tenant(cast.acme):
        places = places_for(newcomer)
        tables = SeatedTables(cohort)
        weighed = tables.solver.weigh(
            [
                [*people, str(newcomer.pk)] if i == 0 else people
                for i, people in enumerate(tables.people.values())
            ]
        )
    assert {place.partnership.name for place in places} == {"Circle Ash", "Circle Beech"}
    assert [place.after for place in places] == sorted(
        (place.after for place in places), reverse=True
    )
    ash = next(place for place in places if place.partnership.name == "Circle Ash")
    assert ash.after == weighed.score(0)
    page = sign_in(cast.cora).get(f"/o/acme/cohorts/{cohort.pk}/seat/{newcomer.pk}/")
    assert "room for 2 more" in page.content.decode()


def test_a_full_circle_is_not_offered_and_refuses(cast: Cast, cohort: Cohort) -> None:
    full = circle(cohort, "Circle Ash", *SIX, "Gus", "Hana")
    newcomer = build.person(cohort, "Xochitl", "peer")
    with tenant(cast.acme):
        assert places_for(newcomer) == []
        with pytest.raises(CircleFull):
            operations.seat_person(partnership=full, enrolment=newcomer, by=cast.cora)
    answer = sign_in(cast.cora).post(
        f"/o/acme/partnerships/{full.pk}/seats/", {"enrolment": str(newcomer.pk)}
    )
    assert answer.status_code == 422
    assert "There is no room" in answer.content.decode()


def test_nobody_is_seated_with_their_manager(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    with tenant(cast.acme):
        ada = seat(ash, "Ada").enrolment.member
    newcomer = build.person(cohort, "Xochitl", "peer", manager=ada)
    with tenant(cast.acme):
        (place,) = places_for(newcomer)
        assert place.refused
        with pytest.raises(KeptApart, match="Ada Acme"):
            operations.seat_person(partnership=ash, enrolment=newcomer, by=cast.cora)
    assert people(ash) == list(SIX)


def test_a_move_is_one_act_and_both_circles_are_told(cast: Cast, cohort: Cohort) -> None:
    ash, beech = circle(cohort, "Circle Ash", *SIX), circle(cohort, "Circle Beech", *MORE)
    with tenant(cast.acme):
        ada = seat(ash, "Ada").enrolment
    url = f"/o/acme/cohorts/{cohort.pk}/seat/{ada.pk}/"
    browser = sign_in(cast.cora)
    assert "Move to Circle Beech" in browser.get(url).content.decode()

    browser.post(url, {"partnership": str(beech.pk)})

    assert (people(ash), people(beech)) == (list(SIX[1:]), [*MORE, "Ada"])
    changed = told(cohort, "pairing.changed")
    assert changed == {
        **dict.fromkeys(SIX[1:], "Circle Ash"),
        **dict.fromkeys(MORE, "Circle Beech"),
    }
    assert told(cohort, "pairing.matched") == {"Ada": "Circle Beech"}
    with tenant(cast.acme):
        assert Email.objects.get(kind="pairing.matched").context["before"] == "Circle Ash"


def test_somebody_is_taken_out_of_a_circle_and_waits(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    with tenant(cast.acme):
        ada = seat(ash, "Ada").enrolment
    sign_in(cast.cora).post(f"/o/acme/cohorts/{cohort.pk}/seat/{ada.pk}/", {"out": "on"})
    assert people(ash) == list(SIX[1:])
    assert told(cohort, "pairing.parted") == {"Ada": "Circle Ash"}
    assert set(told(cohort, "pairing.changed")) == set(SIX[1:])


@pytest.mark.parametrize("stays", ["this", "other"])
@pytest.mark.parametrize("name", ["this", "other"])
def test_two_circles_join_and_the_coordinator_picks_what_stays(
    cast: Cast, cohort: Cohort, stays: str, name: str
) -> None:
    ash = circle(cohort, "Circle Ash", *SIX[:4])
    beech = circle(cohort, "Circle Beech", *MORE[:4])
    sign_in(cast.cora).post(
        f"/o/acme/partnerships/{ash.pk}/join/",
        {"other": str(beech.pk), "stays": stays, "name": name},
    )
    kept, gone = (ash, beech) if stays == "this" else (beech, ash)
    kept, gone = reread(kept), reread(gone)
    assert kept.name == ("Circle Ash" if name == "this" else "Circle Beech")
    assert sorted(people(kept)) == sorted([*SIX[:4], *MORE[:4]])
    assert (gone.state, gone.end_reason) == ("ended", "joined")
    come, stay = (MORE, SIX) if stays == "this" else (SIX, MORE)
    assert set(told(cohort, "pairing.matched")) == set(come[:4])
    assert set(told(cohort, "pairing.changed")) == set(stay[:4])


def test_circles_that_are_too_many_together_do_not_join(cast: Cast, cohort: Cohort) -> None:
    ash, beech = circle(cohort, "Circle Ash", *SIX), circle(cohort, "Circle Beech", *MORE)
    with tenant(cast.acme), pytest.raises(CircleFull):
        operations.join_circles(kept=ash, joining=beech, by=cast.cora)
    assert reread(beech).is_open
    page = sign_in(cast.cora).get(f"/o/acme/partnerships/{ash.pk}/join/").content.decode()
    assert "No other circle is small enough" in page
    with tenant(cast.acme), pytest.raises(NotOneProgram):
        operations.join_circles(kept=ash, joining=ash, by=cast.cora)


def test_a_waiting_mentee_is_paired_by_hand_with_the_best_mentor_who_has_room(cast: Cast) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=2, mentors=3)
    with tenant(cast.acme):
        mentee = Enrolment.objects.select_related("member").get(member__given_name="Mentee0")
        partners = partners_for(mentee, "mentee")
    url = f"/o/acme/cohorts/{cohort.pk}/seat/{mentee.pk}/"
    browser = sign_in(cast.cora)
    assert f"Score {partners[0].score}" in browser.get(url).content.decode()
    browser.post(url, {"partner": str(partners[0].enrolment.pk)})
    with tenant(cast.acme):
        pair = Partnership.objects.get(cohort=cohort)
        assert pair.score == partners[0].score
    mentor = partners[0].enrolment.member.given_name
    assert told(cohort, "pairing.matched") == {
        "Mentee0": pair.name,
        mentor: pair.name,
    }


def test_a_mentor_without_a_mentee_is_offered_those_who_wait(cast: Cast) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=3, mentors=2)
    with tenant(cast.acme):
        mentor = Enrolment.objects.select_related("member").get(member__given_name="Mentor0")
        partners = partners_for(mentor, "mentor")
        for partner in partners:
            back = {p.enrolment.pk: p.score for p in partners_for(partner.enrolment, "mentee")}
            assert back[mentor.pk] == partner.score
    assert partners
    url = f"/o/acme/cohorts/{cohort.pk}/seat/{mentor.pk}/"
    answer = sign_in(cast.cora).post(url, {"partner": str(partners[0].enrolment.pk)})
    assert answer.status_code == 302


def test_a_peer_for_whom_nobody_is_free_joins_a_pair(cast: Cast) -> None:
    cohort = build.make_cohort(cast.acme, "reciprocal-peer-pairs")
    one, two, three = (build.person(cohort, name, "peer") for name in ("Ada", "Ben", "Cleo"))
    pair = None
    with tenant(cast.acme):
        pair = operations.pair_up(seeker=one, offerer=two, by=cast.cora)
    url = f"/o/acme/cohorts/{cohort.pk}/seat/{three.pk}/"
    browser = sign_in(cast.cora)
    assert "with this person" in browser.get(url).content.decode()
    browser.post(url, {"partnership": str(pair.pk)})
    assert people(pair) == ["Ada", "Ben", "Cleo"]


@pytest.mark.parametrize("page", ["seats/", "join/"])
def test_only_who_runs_the_program_seats(cast: Cast, cohort: Cohort, page: str) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    with tenant(cast.acme):
        ada = seat(ash, "Ada").enrolment
    for member in (ada.member, cast.hugo, cast.gina):
        browser = sign_in(member)
        url = f"/o/acme/partnerships/{ash.pk}/{page}"
        assert browser.get(url).status_code in {403, 404}
        assert browser.get(f"/o/acme/cohorts/{cohort.pk}/seat/{ada.pk}/").status_code in {403, 404}


def make_unreadable(cohort: Cohort) -> None:
    """Give its program a rule whose settings make no sense."""
    with tenant(cohort.organisation):
        Criterion.objects.create(
            program=cohort.program,
            key="odd",
            sort="rule",
            kind="clocks_within",
            label="Odd",
            seeker_field="member:time_zone",
            offerer_field="member:time_zone",
            parameters={"hours_apart": "a few"},
        )


def test_who_leaves_a_circle_of_two_for_another_ends_it_and_the_one_who_stays_is_told(
    cast: Cast, cohort: Cohort
) -> None:
    ash, beech = circle(cohort, "Circle Ash", "Ada", "Ben"), circle(cohort, "Circle Beech", *MORE)
    with tenant(cast.acme):
        operations.move_person(seat=seat(ash, "Ada"), to=beech, by=cast.cora)
    gone = reread(ash)
    assert (gone.state, gone.end_reason, people(ash)) == ("ended", "moved", [])
    assert people(beech) == [*MORE, "Ada"]
    assert told(cohort, "pairing.parted") == {"Ben": "Circle Ash"}
    assert told(cohort, "pairing.matched") == {"Ada": "Circle Beech"}
    assert told(cohort, "pairing.changed") == dict.fromkeys(MORE, "Circle Beech")


def test_who_has_left_a_circle_is_not_taken_out_of_it_again(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    with tenant(cast.acme):
        ada = seat(ash, "Ada")
        operations.take_out(seat=ada, by=cast.cora)
        with pytest.raises(SeatLeft):
            operations.take_out(seat=ada, by=cast.cora)
    assert people(ash) == list(SIX[1:])


def test_nobody_is_taken_out_of_a_circle_of_two(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", "Ada", "Ben")
    with tenant(cast.acme), pytest.raises(NoRoomLeft):
        operations.take_out(seat=seat(ash, "Ada"), by=cast.cora)
    assert (reread(ash).is_open, people(ash)) == (True, ["Ada", "Ben"])


def test_nobody_is_seated_in_a_circle_that_has_ended(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    newcomer = build.person(cohort, "Xochitl", "peer")
    with tenant(cast.acme):
        assert [each.enrolment for each in candidates_for(ash)] == [newcomer]
        end_partnership(partnership=ash, reason="over", by=cast.cora)
        assert candidates_for(ash) == []
        with pytest.raises(PartnershipOver):
            operations.seat_person(partnership=ash, enrolment=newcomer, by=cast.cora)
    assert people(ash) == []


def test_pairs_do_not_join(cast: Cast) -> None:
    cohort = build.make_cohort(cast.acme, "reciprocal-peer-pairs")
    ada, ben, cleo, dan = (build.person(cohort, name, "peer") for name in SIX[:4])
    with tenant(cast.acme):
        kept = operations.pair_up(seeker=ada, offerer=ben, by=cast.cora)
        joining = operations.pair_up(seeker=cleo, offerer=dan, by=cast.cora)
        with pytest.raises(NotOneProgram):
            operations.join_circles(kept=kept, joining=joining, by=cast.cora)
    assert (people(kept), people(joining)) == (["Ada", "Ben"], ["Cleo", "Dan"])


def test_circles_that_join_may_take_a_name_of_their_own(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX[:4])
    beech = circle(cohort, "Circle Beech", *MORE[:4])
    with tenant(cast.acme):
        operations.join_circles(kept=ash, joining=beech, name="Circle Yew", by=cast.cora)
    assert (reread(ash).name, reread(beech).name) == ("Circle Yew", "Circle Beech")


def test_a_circle_that_takes_the_name_of_a_third_does_not_join(cast: Cast, cohort: Cohort) -> None:
    ash = circle(cohort, "Circle Ash", *SIX[:3])
    beech = circle(cohort, "Circle Beech", *MORE[:3])
    circle(cohort, "Circle Yew", *MORE[3:])
    with tenant(cast.acme), pytest.raises(NameTaken):
        operations.join_circles(kept=ash, joining=beech, name="Circle Yew", by=cast.cora)
    assert (reread(ash).name, people(beech)) == ("Circle Ash", list(MORE[:3]))


def test_seats_are_given_without_a_score_where_the_rules_cannot_be_read(
    cast: Cast, cohort: Cohort
) -> None:
    ash = circle(cohort, "Circle Ash", *SIX)
    newcomer = build.person(cohort, "Xochitl", "peer")
    make_unreadable(cohort)
    before = reread(ash)
    with tenant(cast.acme):
        (place,) = places_for(newcomer)
        assert (place.before, place.after, place.against) == (None, None, ())
        assert SeatedTables(cohort).reasons(ash.pk) is None
        operations.seat_person(partnership=ash, enrolment=newcomer, by=cast.cora)
    after = reread(ash)
    assert people(ash) == [*SIX, "Xochitl"]
    assert (after.score, after.reasons) == (before.score, before.reasons)


def test_a_pair_is_made_without_a_score_where_the_rules_cannot_be_read(cast: Cast) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    make_unreadable(cohort)
    with tenant(cast.acme):
        mentor, mentee = Enrolment.objects.filter(cohort=cohort).order_by("-part")
        assert (mentor.part, mentee.part) == ("mentor", "mentee")
        assert partners_for(mentee, "mentee") == []
        assert why_together(mentee, mentor) is None
        pair = operations.pair_up(seeker=mentee, offerer=mentor, by=cast.cora)
    unscored = reread(pair)
    assert (unscored.score, unscored.reasons) == (None, [])
    assert sorted(people(pair)) == ["Mentee0", "Mentor0"]


def test_nobody_waits_for_a_seat_in_a_mentors_pair(cast: Cast) -> None:
    cohort = build.make_mentor_cohort(cast.acme, mentees=2, mentors=1)
    with tenant(cast.acme):
        rows = Enrolment.objects.filter(cohort=cohort).select_related("member", "cohort__program")
        by_name = {row.member.given_name: row for row in rows}
        pair = operations.pair_up(
            seeker=by_name["Mentee0"], offerer=by_name["Mentor0"], by=cast.cora
        )
        assert candidates_for(pair) == []
        assert places_for(by_name["Mentee1"]) == []


def test_nobody_is_offered_a_partner_where_people_sit_in_circles(
    cast: Cast, cohort: Cohort
) -> None:
    alone, _other = build.person(cohort, "Ada", "peer"), build.person(cohort, "Ben", "peer")
    with tenant(cast.acme):
        assert partners_for(alone, "peer") == []
