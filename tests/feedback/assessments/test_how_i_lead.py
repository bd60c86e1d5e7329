"""How I lead: one's own page, from one's own ratings and those of three peers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import strip_tags

from agreements.goals.models import Goal
from core.common import clock
from core.members.models import Member
from core.tenancy.context import tenant
from feedback.assessments.own import ASSESSMENT, save_assessment
from feedback.assessments.queries import HowILead, how_i_lead
from feedback.assessments.rubric import BEHAVIOURS
from feedback.models.assessments import Assessment
from feedback.surveys.base import open_due
from pairing.models.partnerships import Seat
from programs.models.parts import Competency, MeetingRole
from programs.models.programs import Cohort, Enrolment
from sessions.models.sessions import Session, Turn
from tests.cast import Cast, sign_in
from tests.feedback.assessments.build import ask, count, give, make_circle, skills_of
from tests.feedback.build import OPENS, make_cohort, make_partnership, noon

NOW = noon(OPENS + timedelta(days=1))
CLOSED = NOW + timedelta(days=15)
END = NOW + timedelta(days=280)
AFTER_THE_END = END + timedelta(days=15)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with clock.at(NOW):
        yield


def close(seat: Seat) -> None:
    with tenant(seat.organisation):
        Cohort.objects.filter(pk=seat.partnership.cohort_id).update(phase="closing")


def rate_oneself(
    cast: Cast, *ratings: int, moment: str = "start", scales: Mapping[str, int] | None = None
) -> None:
    with tenant(cast.acme):
        open_due(ASSESSMENT, at=clock.now())
        mine = Assessment.objects.for_list().get(moment=moment, enrolment__member=cast.petra)
        skills = Competency.objects.filter(program=mine.enrolment.cohort.program_id)
        pairs = {skill.pk: rating for skill, rating in zip(skills, ratings, strict=True)}
        save_assessment(assessment=mine, by=cast.petra, ratings=pairs, scales=scales)


def read(seat: Seat, member: Member) -> HowILead:
    with tenant(seat.organisation, member=member.pk):
        enrolment = Enrolment.objects.for_list().get(pk=seat.enrolment_id)
        return how_i_lead(enrolment, member, at=clock.now())


def page_of(cast: Cast, seat: Seat, member: Member | None = None) -> str:
    path = f"/o/acme/how-i-lead/{seat.enrolment_id}/"
    return " ".join(strip_tags(sign_in(member or cast.petra).get(path).text).split())


def name_the_skills(seat: Seat, *keys: str) -> None:
    """Give the program's competencies the keys of the rubric."""
    for skill, key in zip(skills_of(seat), keys, strict=True):
        with tenant(seat.organisation):
            Competency.objects.filter(pk=skill.pk).update(key=key)


def test_the_page_grows_from_nothing_to_then_and_now(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    assert "Your partners are asked once you have met twice" in page_of(cast, seats[0])
    rate_oneself(cast, 2, 3, 4)
    ask(cast)
    assert "Start: your partners are asked what they see in you." in page_of(cast, seats[0])
    give(seats[0], (2, 3, 4), (2, 2, 4), (3, 3, 5))
    with clock.at(CLOSED):
        count(cast)
        first = read(seats[0], cast.petra)
    assert [(row.own_now, str(row.peers_now)) for row in first.skills] == [
        (2, "2.3"),
        (3, "2.7"),
        (4, "4.3"),
    ]
    assert first.moved == []
    close(seats[0])
    with clock.at(END):
        rate_oneself(cast, 4, 3, 4, moment="end")
        ask(cast)
        give(seats[0], (5, 3, 4), (5, 3, 4), (4, 2, 5), moment="end")
    with clock.at(AFTER_THE_END):
        count(cast)
        lead = read(seats[0], cast.petra)
        page = page_of(cast, seats[0])
    # by hand: each skill has squares 2/3 over 2 degrees, so the variance is 1/3 at both moments;
    # sqrt(1/9 + 1/9) = 0.4714, Welch gives 12 degrees, t = 2.1788, reach 1.0271; 14/3 − 7/3 = 7/3
    moved = lead.skills[0].moved
    assert moved is not None
    assert moved.by == pytest.approx(7 / 3)
    assert moved.low == pytest.approx(7 / 3 - 2.178813 * math.sqrt(2 / 9), abs=1e-3)
    assert [row.skill.name for row in lead.grown] == ["Skill 0"]
    assert "Grown, as your peers see it: Skill 0" in page
    assert [row.own_moved for row in lead.skills] == [(2, 4), (3, 3), (4, 4)]
    # by hand: t of 6 degrees is 2.4469, times sqrt(1/3 / 3) = 1/3
    seen = lead.skills[0].peers_now
    assert seen is not None
    assert seen.reach == pytest.approx(2.446912 / 3, abs=1e-3)
    assert "As your peers see it, then and now" in page
    assert "Only you can see and save this page." in page


def test_strengths_and_one_next_step_follow_from_the_rubric(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    name_the_skills(seats[0], "active-listening", "facilitation", "of-our-own")
    rate_oneself(cast, 5, 5, 1)
    lead = read(seats[0], cast.petra)
    # without peers the own ratings count; a skill without a rubric has no next step
    assert [row.skill.key for row in lead.strengths] == ["active-listening", "facilitation"]
    ask(cast)
    give(seats[0], (4, 2, 4), (5, 2, 4), (4, 3, 5))
    with clock.at(CLOSED):
        count(cast)
        lead = read(seats[0], cast.petra)
    assert [row.skill.key for row in lead.strengths] == ["active-listening", "of-our-own"]
    assert lead.next_step is not None
    assert lead.next_step[1] == str(BEHAVIOURS["facilitation"][1])


def test_fewer_than_three_answers_stay_hidden_and_it_is_said(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    rate_oneself(cast, 2, 3, 4)
    ask(cast)
    give(seats[0], (5, 5, 5), (4, 4, 4))
    with clock.at(CLOSED):
        count(cast)
        lead, page = read(seats[0], cast.petra), page_of(cast, seats[0])
    assert lead.compared == []
    assert "Start: fewer than three of your partners rated the same skill" in page
    assert [row.moment for row in lead.hidden] == ["Start"]


def test_pairs_are_told_that_partners_are_not_asked(cast: Cast) -> None:
    (seat, _other) = make_partnership(make_cohort(cast.acme, skills=2), cast.petra, cast.pavel)
    assert "Partners are asked in circles of four or more" in page_of(cast, seat)


def test_own_scores_at_start_and_end(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    answers = {f"confidence_{n}": value for n, value in enumerate((2, 3, 2, 4), 1)}
    rate_oneself(cast, 2, 3, 4, scales={**answers, "belonging_1": 5})
    close(seats[0])
    with clock.at(END):
        later = {f"confidence_{n}": value for n, value in enumerate((4, 4, 4, 1), 1)}
        rate_oneself(cast, 2, 3, 4, moment="end", scales=later)
    # (2 + 3 + 2 + 2) / 4 and (4 + 4 + 4 + 5) / 4; belonging was not answered whole
    assert read(seats[0], cast.petra).scores == [("Confidence in leading", 2.25, 4.25)]


def test_turns_led_and_goals_met_stand_on_it(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    with tenant(cast.acme):
        program = seats[0].partnership.cohort.program
        role = MeetingRole.objects.create(program=program, key="lead", name="Lead", leads=True)
        session = Session.objects.filter(partnership=seats[0].partnership).order_by("number")[0]
        Turn.objects.create(session=session, role=role, seat=seats[0], reason="first")
        facts = {"state": "met", "settled_at": NOW, "settled_on": NOW.date(), "due_on": NOW.date()}
        own = {"seat": seats[0], **facts}
        Goal.objects.create(partnership=seats[0].partnership, title="Speak up", **own)
        theirs = {"seat": seats[1], **facts}
        Goal.objects.create(partnership=seats[0].partnership, title="Of Peer1", **theirs)
        Goal.objects.create(partnership=seats[0].partnership, title="A guide", **facts)
    lead, page = read(seats[0], cast.petra), page_of(cast, seats[0])
    assert (lead.led, sorted(lead.goals)) == (1, ["A guide", "Speak up"])
    assert "1 session led" in page
    assert "Goal met: Speak up" in page


def test_only_the_person_opens_and_saves_it(cast: Cast) -> None:
    seats = make_circle(cast, 4)
    rate_oneself(cast, 2, 3, 4)
    path = f"/o/acme/how-i-lead/{seats[0].enrolment_id}/"
    file = sign_in(cast.petra).get(f"{path}how-i-lead.pdf")
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    for reader in (cast.olga, cast.cora, cast.hugo, seats[1].enrolment.member):
        client = sign_in(reader)
        assert client.get(path).status_code == 404
        assert client.get(f"{path}how-i-lead.pdf").status_code == 404


def test_it_is_found_from_the_menu_and_empty_before_a_partner(cast: Cast) -> None:
    client = sign_in(cast.petra)
    assert "/o/acme/how-i-lead/" in client.get("/o/acme/").text
    assert "Nothing here yet" in client.get("/o/acme/how-i-lead/").text
    seats = make_circle(cast, 4)
    found = client.get("/o/acme/how-i-lead/")
    assert found["Location"] == f"/o/acme/how-i-lead/{seats[0].enrolment_id}/"


def test_the_self_assessment_asks_for_confidence_and_belonging_at_start_and_end(
    cast: Cast,
) -> None:
    seats = make_circle(cast, 4, skills=1)
    with tenant(cast.acme):
        open_due(ASSESSMENT, at=NOW)
        mine = Assessment.objects.for_list().get(enrolment__member=cast.petra)
    client = sign_in(cast.petra)
    path = f"/o/acme/assessments/{mine.pk}/"
    page = client.get(path).text
    assert "I can lead a meeting in which people disagree." in page
    assert "I often feel like an outsider here." in page
    (skill,) = skills_of(seats[0])
    typed = {f"skill_{skill.pk.hex}": "3", "confidence_1": "4"}
    assert client.post(path, {**typed, "belonging_1": "6"}).status_code == 422
    assert client.post(path, typed).status_code == 302
    with tenant(cast.acme):
        mine.refresh_from_db()
    assert mine.scales == {"confidence_1": 4}


def test_the_midpoint_is_asked_of_oneself_without_the_scales(cast: Cast) -> None:
    make_circle(cast, 4, skills=1)
    with clock.at(noon(OPENS.replace(month=8, day=1))), tenant(cast.acme):
        open_due(ASSESSMENT, at=clock.now())
        mine = Assessment.objects.for_list().get(enrolment__member=cast.petra, moment="mid")
        page = sign_in(cast.petra).get(f"/o/acme/assessments/{mine.pk}/").text
        assert "Where do you stand" in page
        assert "confidence_1" not in page
        home = sign_in(cast.petra).get("/o/acme/").text
        assert "Where you stand at the midpoint" in home
        with pytest.raises(ValueError, match="item"):
            save_assessment(
                assessment=mine,
                by=cast.petra,
                ratings={skill.pk: 3 for skill in Competency.objects.all()},
                scales={"confidence_1": 3},
            )
