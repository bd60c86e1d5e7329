"""Joining by a mailbox of a domain that an organisation has proved."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from core.accounts import dns
from core.accounts.errors import DomainNotProved, DomainTaken, NotOfThisDomain
from core.accounts.operations import domains, people
from core.accounts.public_mail import is_public
from core.audit.models import AuditEvent
from core.members.keys import find_key
from core.members.models import JoinDomain, Key, Member, User
from core.tenancy.context import tenant
from core.tenancy.models import Due
from tests.cast import Cast, make_user, sign_in
from tests.core.accounts.build import make_invitation

pytestmark = pytest.mark.django_db
PAGE = "/o/acme/settings/domains/"


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Answer what is asked of the domain name system from here."""
    known: dict[str, list[str]] = {}
    monkeypatch.setattr(dns, "txt_records", lambda name: known.get(name, []))
    return known


def proved(by: Member, records: dict[str, list[str]], name: str = "corp.example") -> JoinDomain:
    with tenant(by.organisation):
        row = domains.add_domain(domain=name, by=by)
        records[row.record_name] = ["v=spf1 -all", row.record_value]
        return domains.prove_domain(domain=row, by=by)


def join(browser: Client, **others: str) -> int:
    page = browser.get("/organisations/join/")
    if page.status_code != 200 or not page.context["keys"]:
        return 404
    data = {"key": str(page.context["keys"][0].pk), "given_name": "Nina", "family_name": "Noll"}
    answer = browser.post("/organisations/join/", {**data, **others})
    return int(answer.status_code)


def code_sent() -> str:
    lines = (line.strip() for line in mail.outbox[-1].body.splitlines())
    return next(line for line in lines if "-" in line and len(line) < 20)


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_an_owner_adds_proves_and_removes_a_domain(cast: Cast, records: dict[str, list[str]]):
    browser = sign_in(cast.olga)
    assert browser.post(PAGE, {"domain": "@Corp.Example."}).status_code == 302
    with tenant(cast.acme):
        row = JoinDomain.objects.get()
    assert row.domain == "corp.example"
    assert row.record_value in browser.get(PAGE).content.decode()
    prove = f"{PAGE}{row.pk}/prove/"
    assert browser.post(prove).status_code == 409
    assert find_key(Key.Kind.DOMAIN, "domain:corp.example") is None
    records["_roundtable.corp.example"] = [row.record_value]
    assert browser.post(prove).status_code == 302
    key = find_key(Key.Kind.DOMAIN, "domain:corp.example")
    assert key is not None
    assert key.organisation_id == cast.acme.pk
    assert browser.post(f"{PAGE}{row.pk}/remove/").status_code == 302
    assert find_key(Key.Kind.DOMAIN, "domain:corp.example") is None
    with tenant(cast.acme):
        acts = AuditEvent.objects.filter(verb__startswith="domain.")
        assert set(acts.values_list("verb", flat=True)) == {
            "domain.added",
            "domain.proved",
            "domain.removed",
        }


@pytest.mark.parametrize(
    "typed", ["gmail.com", "GMX.de", "corp.onmicrosoft.com", "a b.example", "example", "", "-x.org"]
)
def test_public_and_unreadable_domains_are_refused(cast: Cast, typed: str):
    assert sign_in(cast.olga).post(PAGE, {"domain": typed}).status_code == 422
    with tenant(cast.acme):
        assert not JoinDomain.objects.exists()


def test_what_is_public_mail():
    assert is_public("mail.yahoo.com")
    assert not is_public("notgmail.com")


def test_a_domain_is_one_organisations(cast: Cast, records: dict[str, list[str]]):
    proved(cast.olga, records)
    with pytest.raises(DomainTaken):
        proved(cast.gustav, records)
    with tenant(cast.globex):
        row = domains.add_domain(domain="other.example", by=cast.gustav)
        records[row.record_name] = ["roundtable-domain=of somebody else"]
        with pytest.raises(DomainNotProved):
            domains.prove_domain(domain=row, by=cast.gustav)


def test_whoever_proves_a_mailbox_there_joins(cast: Cast, records: dict[str, list[str]]):
    proved(cast.olga, records)
    Due.objects.all().delete()
    browser = Client()
    assert "/account/join/" in browser.get("/account/login/").content.decode()
    browser.post("/account/join/", {"email": "Nina@corp.example"})
    assert not User.objects.filter(email="nina@corp.example").exists()
    assert browser.post("/account/join/code/", {"code": "WRONG"}).status_code == 422
    answer = browser.post("/account/join/code/", {"code": code_sent()})
    assert answer["Location"] == "/organisations/join/"
    assert join(browser, time_zone="Europe/Oslo") == 302
    assert browser.get("/o/acme/").status_code == 200
    with tenant(cast.acme):
        nina = Member.objects.get(email="nina@corp.example")
        assert AuditEvent.objects.filter(verb="domain.joined", actor_id=nina.pk).exists()
    assert (nina.role, nina.state, nina.time_zone) == ("participant", "live", "Europe/Oslo")
    assert Due.objects.filter(organisation=cast.acme).exists()


def test_nothing_is_made_for_a_mailbox_of_no_domain(cast: Cast, records: dict[str, list[str]]):
    proved(cast.olga, records)
    browser = Client()
    browser.post("/account/join/", {"email": "nina@sub.corp.example"})
    answer = browser.post("/account/join/code/", {"code": code_sent()})
    assert answer.status_code == 403
    assert not User.objects.filter(email__startswith="nina").exists()


def test_only_a_proved_mailbox_counts(cast: Cast, records: dict[str, list[str]]):
    """A sign-in e-mail that nobody has proved, or of another domain, opens nothing."""
    row = proved(cast.olga, records)
    unproved = User.objects.create_user("eve@corp.example")
    assert join(browser_of(unproved)) == 404
    for user in (unproved, make_user("eve@notcorp.example")):
        with tenant(cast.acme), pytest.raises(NotOfThisDomain):
            domains.join_by_domain(domain=row, user=user, given_name="Eve", family_name="")


def test_who_has_left_is_not_let_in_again(cast: Cast, records: dict[str, list[str]]):
    proved(cast.olga, records, "acme.example")
    with tenant(cast.acme):
        people.mark_left(member=cast.petra, by=cast.olga)
    assert join(browser_of(cast.petra.user)) == 422
    with tenant(cast.acme):
        assert Member.objects.get(pk=cast.petra.pk).state == Member.State.LEFT


@pytest.mark.parametrize(("role", "status"), [("participant", 302), ("coordinator", 422)])
def test_who_is_invited_to_take_part_has_proved_it(
    cast: Cast, records: dict[str, list[str]], role: str, status: int
):
    proved(cast.olga, records)
    nina = make_user("nina@corp.example")
    invitation = make_invitation(cast.olga, "nina@corp.example", role=role)
    assert join(browser_of(nina)) == status
    with tenant(cast.acme):
        member = Member.objects.get(pk=invitation.member_id)
    assert member.is_live is (status == 302)
    assert member.role == role


def test_who_is_here_is_only_led_in(cast: Cast, records: dict[str, list[str]]):
    proved(cast.olga, records, "acme.example")
    assert join(browser_of(cast.cora.user)) == 302
    with tenant(cast.acme):
        assert Member.objects.get(pk=cast.cora.pk).role == Member.Role.COORDINATOR


@pytest.mark.parametrize("who", ["cora", "hugo", "petra"])
def test_the_page_is_for_owners(cast: Cast, who: str):
    assert sign_in(getattr(cast, who)).get(PAGE).status_code == 403
