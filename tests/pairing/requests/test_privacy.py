"""Words with a request belong to the two; everybody else meets facts alone, on every channel."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from core.accounts.operations import keys as accounts_keys
from core.audit.models import AuditEvent
from core.common import clock
from core.members.links import SignedLink, signed_path
from core.members.models import Member
from core.members.permissions import TOKEN_SCOPES, can
from core.notifications.dispatch import dispatch
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.models.requests import PartnerRequest
from pairing.requests.operations import answering
from tests.cast import sign_in
from tests.pairing.requests.build import ask, make_self_match, mentee, mentor, words_read_by

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SAID = ("canary-note", "canary-question", "canary-answer", "canary-reply")


@pytest.fixture
def said(cast):
    """Jonas asks Amara, she asks back, he answers, and she says yes: four kinds of words."""
    with clock.at(NOW):
        cohort = make_self_match(cast.acme)
        jonas, amara = mentee(cohort, "Jonas"), mentor(cohort, "Amara")
        mentor(cohort, "Bela"), mentee(cohort, "Other")
        request = ask(jonas, amara, words=SAID[0])
        steps = [
            (answering.ask_for_more, amara),
            (answering.answer_question, jonas),
            (answering.accept_request, amara),
        ]
        for (step, who), words in zip(steps, SAID[1:], strict=True):
            dispatch()
            with tenant(cast.acme):
                step(request=request, by=who.member, words=words)
        dispatch()
        with tenant(cast.acme):
            yield PartnerRequest.objects.for_list().get()


def everybody(cast) -> list[Member]:
    with tenant(cast.acme):
        return list(Member.objects.filter(state="live").order_by("id"))


def test_the_database_shows_them_to_the_two_alone(cast, said):
    readers = {member.given_name for member in everybody(cast) if words_read_by(member)}
    assert readers == {"Jonas", "Amara"}
    assert words_read_by(said.asker.member) == set(SAID)
    with tenant(cast.globex, member=said.asker.member_id):
        assert words_read_by(cast.gustav) == set()


def pages_about(request) -> list[str]:
    cohort, root = request.cohort_id, f"/o/{request.organisation.slug}"
    return [
        f"{root}/",
        f"{root}/audit/",
        f"{root}/requests/{request.pk}/",
        f"{root}/cohorts/{cohort}/waiting/",
        f"{root}/cohorts/{cohort}/self-match/",
        f"{root}/cohorts/{cohort}/partnerships/",
        f"{root}/cohorts/{cohort}/partnerships/export/",
        f"{root}/partnerships/{request.partnership_id}/",
        f"{root}/notes/",
    ]


def body(answer) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


@pytest.mark.slow
def test_no_page_or_file_shows_them_to_a_third_person(cast, said):
    seen = set()
    for member in everybody(cast):
        browser = sign_in(member)
        for page in pages_about(said):
            text = body(browser.get(page))
            seen |= {(member.given_name, each) for each in SAID if each in text}
    assert {name for name, _words in seen} == {"Jonas", "Amara"}
    assert len(seen) == 2 * len(SAID)


def test_a_link_of_the_email_opens_for_its_reader_alone_and_reads_no_words(cast, said):
    for member in everybody(cast):
        link = SignedLink(cast.acme.slug, member.pk, said.pk)
        answer = Client().get(signed_path("request", link, at=clock.now()))
        mine = member.given_name in {"Jonas", "Amara"}
        assert answer.status_code == (200 if mine else 404)
        assert not [words for words in SAID if words in answer.content.decode()]


def test_no_email_audit_row_or_answer_of_the_api_carries_them(cast, said):
    texts = [each.message().as_string() for each in mail.outbox]
    assert len(texts) == 5
    with tenant(cast.acme):
        texts += [str(row) for row in Email.objects.values_list("context", flat=True)]
        texts += [f"{row.target_name} {row.details}" for row in AuditEvent.objects.all()]
        keys = []
        for member in (cast.olga, cast.cora, cast.hugo):
            scopes = [scope for scope in TOKEN_SCOPES if can(member, scope)]
            keys.append(accounts_keys.create_token(name="T", scopes=scopes, by=member)[1])
    for key in keys:
        for path in ("partnerships", "check-ins", "enrolments", "members", "sessions"):
            answer = Client().get(f"/api/v1/{path}/", headers={"Authorization": f"Bearer {key}"})
            texts.append(body(answer))
    assert not [each for each in SAID for text in texts if each in text]
