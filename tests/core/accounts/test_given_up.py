"""What did not arrive: on the owner's page and to-do, sent again; addresses that bounce."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse

from core.audit.models import AuditEvent
from core.members.models import Member
from core.notifications import bounces
from core.notifications.dispatch import dispatch
from core.notifications.models import BouncingAddress, Envelope
from core.tenancy.context import tenant
from tests.cast import Cast, sign_in
from tests.core.notifications.build import envelope_of, make_email

PAGE = "/o/acme/settings/emails/"


def give_up(member: Member, answer: str = "550 5.1.1") -> Envelope:
    email = make_email(member)
    Envelope.objects.filter(email_id=email.pk).update(
        state=Envelope.State.DEAD, answer=answer, attempts=1
    )
    return envelope_of(email)


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_owner_finds_what_did_not_arrive_and_why(cast: Cast) -> None:
    give_up(cast.petra)
    give_up(cast.pavel, "451 4.7.1")
    give_up(cast.greta)
    page = sign_in(cast.olga).get(PAGE)

    assert page.status_code == 200
    text = text_of(page)
    assert "petra@acme.example" in text
    assert "There is no such mailbox 550 5.1.1" in text
    assert "Put off by the mail server for three days 451 4.7.1" in text
    assert "Send all 2 again" in text
    assert "globex" not in text


def test_it_counts_on_the_owners_to_do_and_leads_there(cast: Cast) -> None:
    browser = sign_in(cast.olga)
    assert PAGE not in browser.get("/o/acme/").content.decode()
    before = browser.get("/o/acme/").context["coordinating"].things_to_do
    give_up(cast.petra)
    give_up(cast.pavel)
    home = browser.get("/o/acme/")
    assert "2 e-mails did not arrive" in text_of(home)
    assert f'href="{PAGE}"' in home.content.decode()
    assert home.context["coordinating"].things_to_do == before + 1
    assert "did not arrive" not in text_of(sign_in(cast.cora).get("/o/acme/"))


@pytest.mark.parametrize("who", ["cora", "hugo", "petra"])
def test_it_is_for_owners(cast: Cast, who: str) -> None:
    envelope = give_up(cast.petra)
    browser = sign_in(getattr(cast, who))
    assert browser.get(PAGE).status_code == 403
    assert browser.post(f"{PAGE}send-again/").status_code == 403
    assert browser.post(f"{PAGE}{envelope.pk}/send-again/").status_code == 403


def test_one_is_sent_again(cast: Cast) -> None:
    first, second = give_up(cast.petra), give_up(cast.pavel)
    answer = sign_in(cast.olga).post(f"{PAGE}{first.pk}/send-again/", follow=True)
    assert "1 e-mail is sent again." in text_of(answer)
    assert dispatch() == 1
    assert [email.to for email in mail.outbox] == [["petra@acme.example"]]
    second.refresh_from_db()
    assert second.state == Envelope.State.DEAD
    with tenant(cast.acme):
        event = AuditEvent.objects.get(verb="emails.sent_again")
        assert (event.actor_id, event.details) == (cast.olga.pk, {"count": 1})


def test_all_are_sent_again_of_ones_own_organisation(cast: Cast) -> None:
    give_up(cast.petra)
    give_up(cast.pavel)
    foreign = give_up(cast.greta)
    browser = sign_in(cast.olga)
    assert browser.post(f"{PAGE}{foreign.pk}/send-again/").status_code == 404
    browser.post(f"{PAGE}send-again/")
    assert dispatch() == 2
    foreign.refresh_from_db()
    assert foreign.state == Envelope.State.DEAD
    assert "every e-mail was delivered to its mail server" in text_of(browser.get(PAGE))
    again = browser.post(f"{PAGE}send-again/", follow=True)  # a second click
    assert "0 e-mails are sent again." in text_of(again)
    with tenant(cast.acme):
        assert AuditEvent.objects.filter(verb="emails.sent_again").count() == 1


def test_many_are_paged(cast: Cast, django_assert_max_num_queries) -> None:
    for _ in range(53):
        give_up(cast.petra)
    browser = sign_in(cast.olga)
    with django_assert_max_num_queries(17):
        page = browser.get(PAGE)
    assert len(page.context["lines"]) == 50
    assert len(browser.get(PAGE + page.context["more"]).context["lines"]) == 3
    assert browser.get(f"{PAGE}?after=nonsense").headers["Location"] == PAGE


def test_coordinators_see_who_is_not_reached_and_a_new_address_ends_it(cast: Cast) -> None:
    with tenant(cast.acme):
        bounces.mark(cast.petra.email, answer="550")
    browser = sign_in(cast.cora)
    person = reverse("accounts:member", args=["acme", cast.petra.pk])
    assert browser.get("/o/acme/people/").content.decode().count("E-mail bounces") == 1
    assert "E-mail bounces" in text_of(browser.get(person))
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(email="petra.new@acme.example")
    assert "E-mail bounces" not in text_of(browser.get(person))


def test_a_person_sees_it_and_says_that_their_mailbox_works(cast: Cast) -> None:
    with tenant(cast.acme):
        bounces.mark(cast.petra.email, answer="5.2.1", reported=True)
    browser = sign_in(cast.petra)
    assert "E-mails to petra@acme.example come back." in text_of(browser.get("/o/acme/me/"))
    for _click in range(2):
        page = browser.post("/o/acme/me/mailbox-works/", follow=True)
    assert "come back" not in text_of(page)
    with tenant(cast.acme):
        assert not BouncingAddress.objects.exists()
        assert AuditEvent.objects.filter(verb="address.works").count() == 1
