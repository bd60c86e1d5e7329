"""My data as a file of my own, erasure that is asked for, retention by the clock, and closing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core import mail
from django.test import Client

from core.accounts.operations import people
from core.accounts.operations.organisations import create_organisation
from core.audit.models import AuditEvent
from core.common import clock
from core.jobs.models import Job, StoredFile
from core.members.models import Key, Member, User
from core.notifications.models import Email, Envelope
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from feedback.models.check_ins import CheckInNote
from mentoring.privacy.closing import close_organisation, delete_closed
from mentoring.privacy.retention import erase_due, erasures_to_come, gone
from mentoring.privacy.tables import tables
from pairing.models.partnerships import KindWords
from programs.models.programs import Cohort
from sessions.models.sessions import Session
from tests.cast import Cast, make_user, sign_in
from tests.sessions.build import NOON, make_cohort, make_partnership, plan
from tests.walk.world import World, Worlds, kept_worlds
from tests.work import catch_up, run


@pytest.fixture
def worlds(db: None) -> Worlds:
    return kept_worlds()


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.acme


def fetched(browser: Client) -> dict[str, str]:
    """Have one's data put together and return the files of the zip."""
    address = browser.post("/o/acme/me/data/").headers["Location"]
    organisation = Organisation.objects.get(slug="acme")
    run("privacy.export", organisation.pk, address.rstrip("/").rpartition("/")[2])
    page = browser.get("/o/acme/me/data/").content.decode()
    [address] = re.findall(r'href="(/o/acme/me/data/[0-9a-f-]{36}/)"', page)
    answer = browser.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    with ZipFile(BytesIO(answer.content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_my_data_holds_my_private_words_and_nobody_elses(world: World):
    files = fetched(sign_in(world.participant))
    data = json.loads(files["my-data.json"])
    assert data["members_member"][0]["email"] == world.participant.email
    assert data["feedback_checkinnote"][0]["text"] == f"{world.canary} note"
    assert data["mentoring_sessions_card"][0]["words"] == f"{world.canary} card"
    assert f"{world.canary} note" in files["my-data.html"]
    # the note that a partner wrote to me is read on its page: it is theirs
    assert "pairing_requestwords" not in data
    partner = json.loads(fetched(sign_in(world.partner))["my-data.json"])
    assert partner["pairing_requestwords"][0]["text"] == f"{world.canary} note to you"
    assert "feedback_checkinnote" not in partner
    assert "globex" not in str(data)


def test_the_file_is_its_askers_alone_and_dies_after_a_day(world: World):
    browser = sign_in(world.participant)
    fetched(browser)
    with tenant(world.organisation):
        file = StoredFile.objects.get(name="my-data.zip")
        assert Job.objects.get(kind="privacy.export").result == {}
    address = f"/o/acme/me/data/{file.pk}/"
    for other in (world.owner, world.coordinator, world.partner):
        assert sign_in(other).get(address).status_code == 404
    with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
        assert browser.get(address).status_code == 404


def test_no_other_job_reads_private_words(world: World):
    with tenant(world.organisation):
        assert not CheckInNote.objects.exists()
        assert not KindWords.objects.exists()


def test_who_asks_is_told_to_owners_and_may_undo_it(world: World):
    browser = sign_in(world.participant)
    for _twice in range(2):
        assert browser.post("/o/acme/me/data/ask-erasure/").status_code == 302
    with tenant(world.organisation):
        told = Email.objects.filter(kind="accounts.erasure_asked")
        assert [email.member_id for email in told] == [world.owner.pk]
    owner = sign_in(world.owner)
    assert world.participant.full_name in owner.get("/o/acme/settings/privacy/").content.decode()
    assert "Undo" in browser.get("/o/acme/me/data/").content.decode()
    browser.post("/o/acme/me/data/withdraw-erasure/")
    with tenant(world.organisation):
        assert Member.objects.get(pk=world.participant.pk).erasure_asked_at is None


def test_an_owner_erases_by_a_page_that_counts_and_logs_it(world: World):
    owner, address = sign_in(world.owner), f"/o/acme/people/{world.participant.pk}/erase/"
    assert "1 partnership loses a partner" in owner.get(address).content.decode()
    assert sign_in(world.coordinator).post(address).status_code == 403
    assert owner.post(address).status_code == 302
    log = owner.get("/o/acme/settings/privacy/").content.decode()
    assert "Former member" in log.partition('id="log"')[2]
    assert owner.get(address).status_code == 404
    trail = owner.get("/o/acme/settings/audit/").content.decode()
    assert "erased the words and names of Former member" in trail


def test_the_last_owner_is_refused_on_the_page(world: World):
    owner = sign_in(world.owner)
    answer = owner.post(f"/o/acme/people/{world.owner.pk}/erase/")
    assert answer.status_code == 422


@pytest.mark.slow
def test_retention_runs_from_leaving_or_the_last_cohorts_close(cast: Cast):
    with tenant(cast.acme), clock.at(NOON):
        cohort = make_cohort(cast.acme)
        make_partnership(cohort, [cast.petra, cast.pavel], name="Ash")
        people.mark_left(member=cast.petra, by=cast.olga)
        people.mark_left(member=cast.hugo, by=cast.olga)
        Cohort.objects.filter(pk=cohort.pk).update(
            phase=Cohort.Phase.CLOSED, moved_at=NOON + timedelta(days=10)
        )
        since = {member.given_name: member.since for member in gone()}
        assert since == {"Hugo": NOON, "Petra": NOON + timedelta(days=10)}
        days = timedelta(days=1095)
        assert [(e.member.given_name, e.at) for e in erasures_to_come()] == [
            ("Hugo", NOON + days),
            ("Petra", NOON + days + timedelta(days=10)),
        ]
        assert erase_due(at=NOON + days - timedelta(minutes=1)) == 0
        assert erase_due(at=NOON + days) == 1
        assert [e.member.given_name for e in erasures_to_come()] == ["Petra"]
    page = sign_in(cast.olga).get("/o/acme/settings/privacy/").content.decode()
    assert "Petra Acme" in page
    with clock.at(NOON + days + timedelta(days=11)):
        catch_up()
    with tenant(cast.acme):
        assert not gone().exists()
        assert Member.objects.get(pk=cast.pavel.pk).given_name == "Pavel"
        assert AuditEvent.objects.filter(verb="member.erased", actor_id=None).count() == 2


@pytest.mark.slow
def test_closing_ends_everything_at_once_and_tells_calendars(cast: Cast):
    with tenant(cast.acme), clock.at(NOON):
        cohort = make_cohort(cast.acme)
        table = make_partnership(cohort, [cast.petra, cast.pavel], name="Ash")
        planned = len(plan(table, first_at=NOON + timedelta(days=7)))
        petra, olga = sign_in(cast.petra), sign_in(cast.olga)
    with clock.at(NOON):
        catch_up()
        mail.outbox.clear()
        page = olga.get("/o/acme/settings/close/").content.decode()
        assert "5 people lose access" in page
        assert f"{planned} sessions to come are cancelled" in page
        assert olga.post("/o/acme/settings/close/", {"name": "Globex"}).status_code == 422
        assert olga.post("/o/acme/settings/close/", {"name": "Acme"}).status_code == 302
        for browser in (petra, olga):
            assert browser.get("/o/acme/").status_code == 404
    with tenant(cast.acme):
        assert {session.state for session in Session.objects.all()} == {"cancelled"}
    with clock.at(NOON + timedelta(hours=24)):
        run("notifications.dispatch")
    cancelled = [each for each in mail.outbox if "METHOD:CANCEL" in str(each.message())]
    assert {address for each in cancelled for address in each.to} == {
        "petra@acme.example",
        "pavel@acme.example",
    }


@pytest.mark.slow
def test_thirty_days_later_all_rows_are_gone_and_the_address_is_never_given_again(worlds: Worlds):
    acme, globex = worlds.acme, worlds.globex
    with tenant(acme.organisation, member=acme.owner.pk):
        close_organisation(by=acme.owner)
        users = set(Member.objects.values_list("user_id", flat=True))
    assert delete_closed() == 0
    Organisation.objects.filter(pk=acme.organisation.pk).update(
        closed_at=clock.now() - timedelta(days=31)
    )
    with tenant(globex.organisation):
        before = {model: model._base_manager.count() for model in tables()}
    assert delete_closed() == 1
    assert delete_closed() == 0
    for reader in (acme.owner, acme.participant, acme.partner, acme.coordinator):
        with tenant(acme.organisation, member=reader.pk):
            assert {m.__name__ for m in tables() if m._base_manager.exists()} == set()
    with tenant(globex.organisation):
        assert {model: model._base_manager.count() for model in tables()} == before
    assert not Key.objects.filter(organisation=acme.organisation).exists()
    assert not Envelope.objects.filter(organisation=acme.organisation).exists()
    assert not User.objects.filter(pk__in=users).exists()
    again = create_organisation(
        name="Acme", user=make_user("new@acme.example"), given_name="New", family_name=""
    )
    assert again.organisation.slug == "acme-2"
