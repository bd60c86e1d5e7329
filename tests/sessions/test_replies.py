"""Answering an invitation, from the page and from an e-mail without signing in."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.render import path_of
from core.tenancy.context import tenant
from pairing.errors import NotTheirs
from sessions.attendance import queries as attendance_queries
from sessions.attendance.operations import replies
from sessions.errors import AlreadyBegun, NotPlanned
from sessions.models.replies import AbsenceNote, Rsvp
from sessions.models.sessions import Absence, Session, Turn
from sessions.planning.operations import changes
from tests.cast import Cast, sign_in
from tests.sessions.build import NOON, make_cohort, make_partnership, plan, seats_of
from tests.sessions.conftest import Circle


def rsvp_url(member: Member, session: Session) -> str:
    link = SignedLink("acme", member.pk, session.pk)
    return signed_path("rsvp", link, at=clock.now())


def test_the_email_s_button_asks_and_looking_changes_nothing(cast: Cast, circle: Circle):
    with tenant(cast.acme):
        email = Email.objects.select_related("member", "organisation").get(
            member=cast.petra, kind="sessions.invitation"
        )
        path = path_of(email)
    page = Client().get(path)

    assert page.status_code == 200
    words = page.content.decode()
    assert "Can you come, Petra?" in words
    assert words.count('name="session"') == 2 * 5  # the other dates, each with a yes and a no
    with tenant(cast.acme):
        assert not Rsvp.objects.exists()
        assert not Absence.objects.exists()


def test_yes_and_no_are_said_without_signing_in_and_can_be_changed(cast: Cast, circle: Circle):
    anybody, url = Client(), rsvp_url(cast.petra, circle.sessions[0])
    assert anybody.post(url, {"comes": "yes"}).status_code == 302
    assert anybody.post(url, {"comes": "yes"}).status_code == 302  # again is as good
    with tenant(cast.acme):
        assert Rsvp.objects.get().seat == circle.seat("Petra")
    anybody.post(url, {"comes": "no", "reason": "At the dentist"})
    page = anybody.get(url).content.decode()
    assert "The others know that you cannot come." in page
    assert "At the dentist" in page
    with tenant(cast.acme):
        assert (Rsvp.objects.count(), Absence.objects.count()) == (0, 1)
        assert not Turn.objects.filter(
            session=circle.sessions[0], seat=circle.seat("Petra")
        ).exists()
    anybody.post(url, {"comes": "yes"})
    with tenant(cast.acme):
        left = (Rsvp.objects.count(), Absence.objects.count(), AbsenceNote.objects.count())
    assert left == (1, 0, 0)


def test_another_date_of_the_season_is_answered_from_the_same_page_but_no_foreign_one(
    cast: Cast, circle: Circle
):
    pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.cora])
    (other, *_later) = plan(pair)
    anybody, url = Client(), rsvp_url(cast.petra, circle.sessions[0])
    third = circle.sessions[2]
    assert anybody.post(url, {"comes": "no", "session": third.pk}).status_code == 302
    assert anybody.post(url, {"comes": "no", "session": other.pk}).status_code == 404
    assert anybody.post(url, {"comes": "perhaps"}).status_code == 422
    with tenant(cast.acme):
        assert [a.session_id for a in Absence.objects.all()] == [third.pk]


def test_a_line_about_an_absence_is_the_partners_and_the_absence_everybody_s(
    cast: Cast, circle: Circle
):
    url = f"/o/acme/sessions/{circle.sessions[0].pk}/"
    line = {"comes": "no", "reason": "Secret of mine"}
    assert sign_in(cast.petra).post(f"{url}rsvp/", line).status_code == 302
    sign_in(cast.pavel).post(f"{url}rsvp/", {"comes": "yes"})
    partner, coordinator = (sign_in(m).get(url).content.decode() for m in (cast.pavel, cast.cora))
    assert "Secret of mine" in partner
    assert "Secret of mine" not in coordinator
    for page in (partner, coordinator):
        assert page.count("Cannot come") == 1
        assert page.count("Comes</span>") == 1
        assert page.count("Not said yet") == 4
    assert sign_in(cast.cora).post(f"{url}rsvp/", {"comes": "yes"}).status_code == 403


def test_nobody_speaks_for_another_nor_of_what_has_begun(cast: Cast, circle: Circle):
    session, hers = circle.sessions[0], circle.seat("Petra")
    with tenant(cast.acme):
        with pytest.raises(NotTheirs):
            replies.accept_invitation(session=session, seat=hers, by=cast.pavel)
        with pytest.raises(NotTheirs):
            replies.decline_invitation(session=session, seat=hers, by=cast.pavel)
        with clock.at(session.starts_at), pytest.raises(AlreadyBegun):
            replies.accept_invitation(session=session, seat=hers, by=cast.petra)
        changes.cancel(session=session, cause="other", by=None)
        with pytest.raises(NotPlanned):
            replies.decline_invitation(session=session, seat=hers, by=cast.petra)
    page = Client().get(rsvp_url(cast.petra, session)).content.decode()
    assert "This has ended" in page
    page = sign_in(cast.petra).get(rsvp_url(cast.petra, session)).content.decode()
    assert "This session will not take place" in page
    assert 'value="yes"' in page  # the dates that stand can still be answered
    late = Client().post(rsvp_url(cast.petra, session), {"comes": "no", "reason": "My cat is ill"})
    words = late.content.decode()
    assert (late.status_code, "My cat is ill" in words) == (422, True)
    assert "no longer planned" in words


def test_a_link_of_who_has_left_the_table_or_of_another_purpose_is_closed(
    cast: Cast, circle: Circle
):
    session = circle.sessions[0]
    strangers = rsvp_url(cast.cora, session)
    other_purpose = rsvp_url(cast.petra, session).replace("/l/rsvp/", "/l/times/")
    assert Client().get(strangers).status_code == 404
    assert Client().get(other_purpose).status_code == 404
    with tenant(cast.acme):
        seat = circle.seat("Petra")
        type(seat).objects.filter(pk=seat.pk).update(left_at=clock.now())
    link = rsvp_url(cast.petra, session)
    assert Client().post(link, {"comes": "yes"}).status_code == 409
    assert (Client().get(link).status_code, Client().head(link).status_code) == (200, 200)
    assert "This has ended" in Client().get(link).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_answers_at_once_leave_one(cast: Cast):
    with clock.at(NOON):
        pair = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel])
        session = plan(pair)[0]
        with tenant(cast.acme):
            (seat, _other) = seats_of(pair)

    def say(n: int) -> None:
        try:
            with tenant(cast.acme), clock.at(NOON):
                row = Session.objects.for_list().get(pk=session.pk)
                if n % 2:
                    replies.accept_invitation(session=row, seat=seat, by=None)
                else:
                    replies.decline_invitation(session=row, seat=seat, by=None, reason=str(n))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(say, range(20)))
    with tenant(cast.acme):
        said = Rsvp.objects.count(), Absence.objects.count()
        assert said in {(1, 0), (0, 1)}
        assert AbsenceNote.objects.count() == said[1]
        reply = attendance_queries.replies_of(session, reader=cast.petra)[seat.pk]
    assert reply.comes != reply.away


def test_a_page_shows_the_video_link_to_partners_alone(cast: Cast, circle: Circle):
    url = f"/o/acme/sessions/{circle.sessions[0].pk}/"
    partner = sign_in(cast.petra).get(url).content.decode()
    assert re.search(r'href="https://meet\.jit\.si/roundtable-[0-9a-f]{20}"', partner)
    assert "meet.jit.si" not in sign_in(cast.cora).get(url).content.decode()
    move = f"{url}reschedule/"
    form = {"starts_at": "2026-03-05T13:00", "duration_minutes": "60", "video_url": "http://x.y/z"}
    refused = sign_in(cast.petra).post(move, form)
    assert refused.status_code == 422
    assert "https://" in refused.content.decode()
    assert (
        sign_in(cast.petra).post(move, {**form, "video_url": "https://x.example/z"}).status_code
        == 302
    )
    with tenant(cast.acme):
        circle.sessions[0].refresh_from_db()
    assert (circle.sessions[0].video_url, circle.sessions[0].sequence) == ("https://x.example/z", 1)
