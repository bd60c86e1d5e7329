"""An organisation's consent texts: asked, agreed to, asked again, taken back, exported."""

from __future__ import annotations

import pytest

from core.accounts.errors import ConsentTextChanged
from core.accounts.operations.consents import (
    give_consent,
    publish_consent_text,
    withdraw_consent,
)
from core.audit.models import AuditEvent
from core.members.models import Consent, ConsentText
from core.tenancy.context import tenant
from mentoring.privacy.consents import consent_states, own_consents
from mentoring.privacy.erasing import erase_member
from mentoring.privacy.export import data_of
from tests.cast import Cast, make_member, sign_in

pytestmark = pytest.mark.django_db

TEXT = "We keep *what you write*.\n\n- for your partners\n\n<script>alert(1)</script>"
OWNERS, MINE, DATA = (
    "/o/acme/settings/consents/privacy/",
    "/o/acme/me/consents/privacy/",
    "/o/acme/me/data/",
)


def _verbs(cast: Cast) -> list[str]:
    rows = AuditEvent.objects.filter(verb__startswith="consent").order_by("id")
    return list(rows.values_list("verb", flat=True))


def test_a_text_is_published_agreed_to_changed_and_taken_back(cast: Cast):
    owner = sign_in(cast.olga)
    pat = sign_in(cast.petra)
    assert MINE not in pat.get("/o/acme/").content.decode()
    assert pat.get(MINE).status_code == 404
    answer = owner.post(OWNERS, {"text": TEXT, "version": 0}, follow=True)
    assert "Version 1 is published." in answer.content.decode()
    assert MINE in pat.get("/o/acme/").content.decode()
    page = pat.get(MINE).content.decode()
    assert "<em>what you write</em>" in page
    assert "<script>alert" not in page
    assert 'style="' not in page[page.index("<em>what") - 60 : page.index("for your partners")]
    assert pat.post(MINE, {"version": 1}).status_code == 302
    assert MINE not in pat.get("/o/acme/").content.decode()
    assert "version 1" in pat.get(DATA).content.decode()
    assert "1 of" in owner.get("/o/acme/settings/privacy/").content.decode()

    owner.post(OWNERS, {"text": "Shorter.", "version": 1})
    assert MINE in pat.get("/o/acme/").content.decode()
    assert "The text has changed since you agreed to it." in pat.get(MINE).content.decode()
    late = pat.post(MINE, {"version": 1})
    assert late.status_code == 422
    assert "changed meanwhile" in late.content.decode()
    pat.post(MINE, {"version": 2})
    pat.post(f"{MINE}withdraw/")
    assert MINE not in pat.get("/o/acme/").content.decode()  # who has said no is not asked again
    assert "not agreed" in pat.get(DATA).content.decode()
    with tenant(cast.acme):
        assert not Consent.objects.in_force().exists()
        assert _verbs(cast) == [
            "consent_text.published",
            "consent.given",
            "consent_text.published",
            "consent.given",
            "consent.withdrawn",
        ]
    pat.post(MINE, {"version": 2})
    assert "version 2" in pat.get(DATA).content.decode()


def test_two_owners_do_not_overwrite_each_other_and_the_words_stay(cast: Cast):
    owner = sign_in(cast.olga)
    owner.post(OWNERS, {"text": "First.", "version": 0})
    answer = owner.post(OWNERS, {"text": "Second.", "version": 0})
    assert answer.status_code == 422
    assert "Second." in answer.content.decode()
    with tenant(cast.acme):
        assert ConsentText.objects.get().text == "First."


def test_the_same_words_ask_nobody_again_and_no_words_ask_nobody(cast: Cast):
    with tenant(cast.acme):
        for _time in range(2):
            first = publish_consent_text(
                purpose="privacy", text="A.", version=_time and 1, by=cast.olga
            )
        assert first.version == 1
        give_consent(purpose="privacy", version=1, by=cast.petra)
        give_consent(purpose="privacy", version=1, by=cast.petra)
        assert Consent.objects.count() == 1
        publish_consent_text(purpose="privacy", text="", version=1, by=cast.olga)
        assert not ConsentText.objects.waiting_for(cast.olga).exists()
        with pytest.raises(ConsentTextChanged):
            give_consent(purpose="privacy", version=2, by=cast.olga)
        assert [own.is_current for own in own_consents(cast.petra)] == [False]
        assert own_consents(cast.olga) == []


def test_owners_count_and_everybody_else_sees_their_own(cast: Cast):
    with tenant(cast.acme):
        publish_consent_text(purpose="privacy", text="A.", version=0, by=cast.olga)
        other = make_member(cast.acme, "Ola")
        for member in (cast.petra, other):
            give_consent(purpose="privacy", version=1, by=member)
        assert [state.agreed for state in consent_states(cast.olga)] == [2]
        assert Consent.objects.visible_to(other).get().member_id == other.pk
        withdraw_consent(purpose="privacy", by=other)
        assert [state.agreed for state in consent_states(cast.olga)] == [1]
    assert sign_in(cast.petra).get(OWNERS).status_code == 403


def test_an_export_holds_them_and_an_erasure_leaves_the_fact(cast: Cast):
    with tenant(cast.acme):
        publish_consent_text(purpose="privacy", text="A.", version=0, by=cast.olga)
        give_consent(purpose="privacy", version=1, by=cast.petra)
    with tenant(cast.acme, member=cast.petra.pk):
        rows = {table: rows for table, rows in data_of(cast.petra).items() if "onsent" in table}
        assert [[row["purpose"], row["version"]] for row in next(iter(rows.values()))] == [
            ["privacy", 1]
        ]
    with tenant(cast.acme):
        erase_member(member=cast.petra, by=cast.olga)
        assert Consent.objects.get().version == 1
