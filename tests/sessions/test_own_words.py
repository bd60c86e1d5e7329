"""A circle that is called a team, and its sessions meetings: on pages, in e-mails and calendars."""

from __future__ import annotations

import pytest

from core.common import own_words
from core.members.keys import derived_secret
from core.members.models import Key, Member
from core.notifications.channels.email import mail_of
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from programs.models.programs import Program
from sessions.calendar import emails
from sessions.calendar.operations import open_calendar
from sessions.models.sessions import Session
from tests.cast import Cast, main_of, sign_in
from tests.sessions.build import make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle


@pytest.fixture
def team(cast: Cast, circle: Circle) -> Circle:
    with tenant(cast.acme):
        rows = Program.objects.filter(pk=circle.cohort.program_id)
        rows.update(word_circle="team", word_session="meeting")
        Session.objects.update(video_url="https://video.example/session")
    return circle


def address(row: Session | Partnership) -> str:
    return row.get_absolute_url()


def test_a_page_speaks_in_the_words_and_leaves_what_was_typed(cast: Cast, team: Circle):
    session = team.sessions[0]
    with tenant(cast.acme):
        Partnership.objects.filter(pk=team.partnership.pk).update(name="Circle Mentor Smith")
        Session.objects.filter(pk=session.pk).update(topic="Session 9")
    browser = sign_in(cast.petra)
    page = main_of(browser.get(address(session)))
    assert "Cancel this meeting" in page
    assert "Session 9" in page
    page = main_of(browser.get(address(team.partnership)))
    assert "How your meetings were rated" in page
    assert "Circle Mentor Smith" in page


def test_a_page_of_another_program_and_the_next_page_keep_theirs(cast: Cast, team: Circle):
    other = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.hugo])
    theirs = plan(other)[0]
    browser = sign_in(cast.petra)
    for _again in range(2):
        assert "Cancel this session" in main_of(browser.get(address(theirs)))
        assert "Cancel this meeting" in main_of(browser.get(address(team.sessions[0])))
        assert "Next meeting" not in main_of(browser.get("/o/acme/"))
    assert browser.get(f"{address(team.sessions[0])}nowhere/").status_code == 404
    assert own_words.spoken() == ()


def mail_to(member: Member, email: Email) -> str:
    with tenant(member.organisation):
        row = Email.objects.select_related("member", "organisation").get(pk=email.pk)
        mail = mail_of(row, settings_in_force())
        return f"{mail.subject}\n{mail.body}"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "meetings: can you come?"),
        ("de", "Treffen: Kannst du kommen?"),
        ("es", "reuniones: ¿puedes venir?"),
    ],
)
def test_an_email_and_its_line_in_the_bell_speak_in_the_words_of_its_program(
    cast: Cast, team: Circle, language: str, said: str
):
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(language=language)
        email = Email.objects.get(member=cast.petra, kind=emails.INVITATION)
    assert said in mail_to(cast.petra, email)
    assert said in sign_in(cast.petra).get("/o/acme/bell/").text


def test_calendars_speak_in_the_words_of_each_program(cast: Cast, team: Circle):
    browser, session = sign_in(cast.petra), team.sessions[0]
    with tenant(cast.acme):
        other = make_partnership(make_cohort(cast.acme), [cast.petra, cast.pavel, cast.hugo])
    plan(other)
    with tenant(cast.acme):
        Session.objects.update(video_url="https://video.example/session")
        feed = open_calendar(by=cast.petra)
    one = browser.get(f"{address(session)}invitation.ics")
    key = derived_secret(Key.Kind.CALENDAR, feed.pk)
    all_ = browser.get(f"/calendar/{key}.ics")
    said, of_all = (each.content.decode().replace("\r\n ", "") for each in (one, all_))
    assert "LABEL=Join the meeting" in said
    assert "https://video.example/session" in said
    assert "LABEL=Join the meeting" in of_all
    assert "LABEL=Join the session" in of_all


def test_a_refusal_speaks_in_the_words_too(cast: Cast, team: Circle):
    browser, url = sign_in(cast.petra), f"{address(team.sessions[0])}cancel/"
    typed = {"cause": "workload"}
    assert browser.post(url, typed).status_code == 302
    assert "This meeting is no longer planned" in browser.post(url, typed).text
