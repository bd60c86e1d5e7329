"""The desk as people meet it: forms, refusals where they were, and words in no other place."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection

from core.members.models import Key, Member
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from feedback.concerns import operations
from feedback.models.concerns import ConcernFile
from mentoring.privacy.export import data_of
from tests.cast import sign_in
from tests.feedback.concerns.build import CANARY, Desk
from tests.work import catch_up

NEW = "/o/acme/concerns/new/"


@pytest.mark.slow
def test_a_concern_from_the_form_to_the_closing(desk: Desk) -> None:
    cast = desk.cast
    petra, cora = sign_in(cast.petra), sign_in(cast.cora)
    page = petra.get(NEW).content.decode()
    assert "+49 30 112" in page
    assert "Cora Acme" in page
    sent = {"topic": "dominance", "urgency": "week", "words": CANARY, "about": str(cast.pavel.pk)}
    refused = petra.post(NEW, sent | {"topic": ""})
    assert (refused.status_code, CANARY in refused.content.decode()) == (422, True)
    answer = petra.post(NEW, sent)
    assert CANARY in petra.get(answer["Location"]).content.decode()
    with tenant(cast.acme):
        file = ConcernFile.objects.for_list().get()
        assert file.about == cast.pavel
        assert file.concern.cohort == desk.partnership.cohort
    where = f"/o/acme/concerns/{file.pk}/"
    assert where in cora.get("/o/acme/").content.decode()
    assert where in cora.get("/o/acme/concerns/").content.decode()
    assert where not in sign_in(cast.olga).get("/o/acme/").content.decode()
    assert cora.post(where, {"words": "I hear you."}).status_code == 302
    assert "I hear you." in petra.get(where).content.decode()
    today = str(file.concern.raised_on)
    late = cora.post(f"{where}step/", {"kind": "listen", "done_on": "2099-01-01", "note": "kept"})
    assert (late.status_code, "kept" in late.content.decode()) == (422, True)
    refused = cora.post(f"{where}close/", {"outcome": "parted", "words": "typed"})
    assert (refused.status_code, "typed" in refused.content.decode()) == (422, True)
    for kind in ("listen", "both_sides"):
        cora.post(f"{where}step/", {"kind": kind, "done_on": today, "note": f"note {kind}"})
    assert "note listen" in cora.get(where).content.decode()
    theirs = petra.get(where).content.decode()
    assert ("Heard both sides" in theirs, "note listen" in theirs) == (True, False)
    assert (
        cora.post(f"{where}close/", {"outcome": "parted", "words": "Go well."}).status_code == 302
    )
    closed = petra.get(where).content.decode()
    assert "Go well." in closed
    assert "They go on with other partners" in closed
    refused = petra.post(where, {"words": "And yet."})
    assert (refused.status_code, "And yet." in refused.content.decode()) == (422, True)


def test_only_an_owner_sets_up_the_desk(desk: Desk) -> None:
    cast = desk.cast
    olga = sign_in(cast.olga)
    for member in (cast.cora, cast.hugo, cast.petra):
        assert sign_in(member).get("/o/acme/settings/concerns/").status_code == 403
    page = olga.post("/o/acme/settings/concerns/", {"phone": "999", "kept_days": "0"})
    assert (page.status_code, 'value="999"' in page.content.decode()) == (422, True)
    olga.post("/o/acme/settings/concerns/", {"phone": "999", "kept_days": "30"})
    assert "999" in sign_in(cast.petra).get(NEW).content.decode()
    twice = olga.post("/o/acme/settings/concerns/handlers/", {"member": str(cast.cora.pk)})
    assert (twice.status_code, "already named" in twice.content.decode()) == (422, True)
    olga.post("/o/acme/settings/concerns/handlers/", {"member": str(cast.hugo.pk)})
    assert "Hugo Acme" in sign_in(cast.petra).get(NEW).content.decode()


def everything(member: Member | None, cast: Any) -> str:
    """Return all rows of all tables as the database shows them to somebody; None is a task."""
    texts = []
    with (
        tenant(cast.acme, member=member.pk if member else None),
        connection.cursor() as cursor,
    ):
        for model in apps.get_models():
            if issubclass(model, TenantModel) or model is Key:
                cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
                texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


@pytest.mark.slow
def test_the_words_stand_in_no_row_no_email_no_export_and_no_page_of_anybody_else(
    desk: Desk,
) -> None:
    cast = desk.cast
    file = desk.raise_it(topic="safety", urgency="day")
    with tenant(cast.acme, member=cast.cora.pk):
        operations.record_step(
            file=file,
            by=cast.cora,
            kind="listen",
            done_on=file.concern.raised_on,
            note=f"{CANARY} note",
        )
        operations.answer_concern(file=file, by=cast.cora, words=f"{CANARY} answer")
    with tenant(cast.acme, member=cast.petra.pk):
        operations.answer_concern(file=file, by=cast.petra, words=f"{CANARY} back")
    with tenant(cast.acme, member=cast.cora.pk):
        operations.close_concern(
            file=file, by=cast.cora, outcome="agreed", words=f"{CANARY} closing"
        )
    catch_up()
    people = [cast.olga, cast.cora, cast.hugo, cast.petra, cast.pavel, desk.hanna]
    for who in (None, *people):  # sealed wherever it is kept: in audit, outbox and jobs too
        assert CANARY not in everything(who, cast)
    assert len(mail.outbox) >= 3
    for message in mail.outbox:
        assert CANARY not in str(message.message())
        assert "safety" not in str(message.message()).lower()
    for member in people:
        with tenant(cast.acme, member=member.pk):
            assert CANARY not in str(data_of(member))
    reads = {cast.cora.pk, cast.petra.pk, desk.hanna.pk}
    for member in people:
        browser = sign_in(member)
        page = browser.get(f"/o/acme/concerns/{file.pk}/")
        assert (page.status_code, CANARY in page.content.decode()) == (
            (200, True) if member.pk in reads else (404, False)
        ), member
        for other in ("", "concerns/", f"partnerships/{desk.partnership.pk}/", "settings/audit/"):
            assert CANARY not in browser.get(f"/o/acme/{other}").content.decode()


@pytest.mark.slow
def test_the_accused_is_told_nothing(desk: Desk) -> None:
    file = desk.raise_it()
    catch_up()
    told = [message.to for message in mail.outbox if "oncern" in message.subject]
    assert told == [[desk.cast.cora.email]]
    pavel = everything_of(desk.cast.pavel)
    assert str(file.pk) not in pavel


def everything_of(member: Member) -> str:
    with tenant(member.organisation, member=member.pk):
        return str(data_of(member))


def test_six_short_ways_are_there_for_everybody_and_as_a_fragment(desk: Desk) -> None:
    petra = sign_in(desk.cast.petra)
    page = petra.get("/o/acme/if-it-is-hard/").content.decode()
    fragment = petra.get("/o/acme/if-it-is-hard/", headers={"HX-Request": "true"}).content.decode()
    assert page.count("<section") == fragment.count("<section") == 6
    assert "<html" not in fragment
