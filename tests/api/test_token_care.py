"""What keeps tokens in hand: new secrets, networks, one program, notice, heirs, and the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from core.accounts.errors import AlreadyRevoked, NotForTokens, ScopeNotYours, TokenNotYours
from core.accounts.operations import keys, people
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.sentences import sentence
from core.audit.token_use import close_token_days
from core.common import clock
from core.members.facts import FactsViewSet
from core.members.models import ApiToken, Key, Member
from core.members.permissions import Permission
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.days import day_of
from mentoring.resources import router
from tests.api.test_api import LISTS
from tests.cast import Cast, sign_in
from tests.programs.build import make_cohort, make_enrolment, make_program

PAGE = "/o/acme/settings/tokens/"
DAY = timedelta(days=1)


def make(by: Member, **more: Any) -> tuple[ApiToken, str]:
    with tenant(by.organisation):
        wanted = {"name": "Payroll", "scopes": [Permission.FACTS_READ], **more}
        return keys.create_token(by=by, **wanted)


def pull(secret: str, path: str = "/api/v1/members/", **meta: str) -> Any:
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    return client.get(path, **meta)


# ── a new secret ──
def test_the_secret_before_opens_as_long_as_was_said(cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        token, first = make(cast.hugo)
        with tenant(cast.acme):
            token, second = keys.rotate_token(
                token=token, overlap=7 * DAY, by=cast.hugo, expires_at=now + 90 * DAY
            )
    assert (token.hint, token.expires_at) == (second[-4:], now + 90 * DAY)
    for later, codes in (
        (timedelta(), (200, 200)),
        (7 * DAY - timedelta(minutes=1), (200, 200)),
        (7 * DAY, (401, 200)),
        (90 * DAY, (401, 401)),
    ):
        with clock.at(now + later):
            assert tuple(pull(secret).status_code for secret in (first, second)) == codes
    with tenant(cast.acme):
        third = keys.rotate_token(token=token, overlap=timedelta(), by=cast.hugo)[1]
    assert [pull(secret).status_code for secret in (first, second, third)] == [401, 401, 200]


def test_a_secret_that_ends_sooner_is_given_no_longer_life(cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        token, _first = make(cast.hugo, expires_at=now + 3 * DAY)
        with tenant(cast.acme):
            keys.rotate_token(token=token, overlap=7 * DAY, by=cast.hugo)
            ends = Key.objects.filter(object_id=token.pk).order_by("expires_at")
            assert [key.expires_at for key in ends] == [now + 3 * DAY, now + ApiToken.LIFE]


def test_only_its_holder_makes_a_new_secret_or_says_from_where_it_opens(cast: Cast) -> None:
    token, _secret = make(cast.hugo)
    with tenant(cast.acme):
        with pytest.raises(TokenNotYours):
            keys.rotate_token(token=token, overlap=DAY, by=cast.olga)
        with pytest.raises(TokenNotYours):
            keys.restrict_token(token=token, addresses=[], by=cast.olga)
        keys.revoke_token(token=token, by=cast.hugo)
        with pytest.raises(AlreadyRevoked):
            keys.rotate_token(token=token, overlap=DAY, by=cast.hugo)
        with pytest.raises(AlreadyRevoked):
            keys.restrict_token(token=token, addresses=[], by=cast.hugo)
        with pytest.raises(AlreadyRevoked):
            keys.offer_token(token=token, to=cast.cora, by=cast.hugo)


def test_the_page_shows_a_new_secret_once(cast: Cast) -> None:
    token, _secret = make(cast.hugo)
    client, page = sign_in(cast.hugo), f"{PAGE}{token.pk}/"
    answer = client.post(f"{page}rotate/", {"expires_at": "30", "overlap": "1"})
    secret = answer.context["secret"]
    assert (pull(secret).status_code, secret in client.get(page).content.decode()) == (200, False)
    assert client.post(f"{page}rotate/", {"expires_at": "30", "overlap": "400"}).status_code == 422
    assert client.get(f"{page}rotate/").url == page  # type: ignore[attr-defined]  # a redirect
    owners = sign_in(cast.olga)
    assert owners.post(f"{page}rotate/", {"expires_at": "30", "overlap": "1"}).status_code == 422
    assert owners.get(page).status_code == 200
    assert sign_in(cast.cora).get(page).status_code == 404


# ── networks ──
def test_it_opens_from_its_networks_alone(cast: Cast) -> None:
    _token, secret = make(cast.hugo, addresses=["192.0.2.0/24", "2001:db8::/32"])
    for address, status in (
        ("192.0.2.7", 200),
        ("192.0.3.7", 403),
        ("2001:db8::7", 200),
        ("::ffff:192.0.2.7", 200),
        ("", 403),
    ):
        answer = pull(secret, REMOTE_ADDR=address)
        assert answer.status_code == status, address
    assert answer.json()["code"] == "address_not_allowed"


def test_the_address_is_the_one_that_our_proxies_vouch_for(cast: Cast) -> None:
    _token, secret = make(cast.hugo, addresses=["192.0.2.0/24"])
    told = {"HTTP_X_FORWARDED_FOR": "192.0.2.7", "REMOTE_ADDR": "10.0.0.1"}
    assert pull(secret, **told).status_code == 403
    with override_settings(TRUSTED_PROXIES=1):
        assert pull(secret, **told).status_code == 200
        told["HTTP_X_FORWARDED_FOR"] = "192.0.2.7, 198.51.100.1"
        assert pull(secret, **told).status_code == 403


def test_the_page_reads_networks_a_line_each(cast: Cast) -> None:
    token, secret = make(cast.hugo)
    client, page = sign_in(cast.hugo), f"{PAGE}{token.pk}/"
    for typed, status in (
        ("192.0.2.300", 422),
        ("\n".join(f"192.0.2.{n}" for n in range(ApiToken.MOST_ADDRESSES + 1)), 422),
        (" 192.0.2.9/24\n192.0.2.0/24\n2001:DB8::1 ", 302),
    ):
        assert client.post(page, {"addresses": typed}).status_code == status
    with tenant(cast.acme):
        assert ApiToken.objects.get().addresses == ["192.0.2.0/24", "2001:db8::1/128"]
    assert pull(secret).status_code == 403
    assert client.post(page, {"addresses": ""}).status_code == 302
    assert pull(secret).status_code == 200


# ── one program ──
def test_every_list_knows_its_program() -> None:
    for _prefix, viewset, _name in router.registry:
        assert issubclass(viewset, FactsViewSet)
        own = viewset.in_program is not FactsViewSet.in_program
        assert own or isinstance(viewset.program, str), viewset


def test_a_token_of_a_program_reads_its_rows_alone(cast: Cast) -> None:
    with tenant(cast.acme):
        programs = [make_program(cast.acme, name=name) for name in ("Ours", "Theirs")]
        cohorts = [make_cohort(program) for program in programs]
        enrolments = [
            make_enrolment(cohort, member)
            for cohort, member in zip(cohorts, (cast.petra, cast.pavel), strict=True)
        ]
    scopes = [Permission.FACTS_READ, Permission.FIGURES_READ]
    _token, secret = make(cast.hugo, scopes=scopes, program_id=programs[0].pk)
    read = {name: pull(secret, reverse(f"{name}-list")) for name in LISTS_OF_PROGRAM}
    ids = {name: [row["id"] for row in answer.json()["results"]] for name, answer in read.items()}
    assert ids == {
        "member": [str(cast.petra.pk)],
        "program": [str(programs[0].pk)],
        "cohort": [str(cohorts[0].pk)],
        "enrolment": [str(enrolments[0].pk)],
    }
    assert pull(secret, f"/api/v1/members/{cast.pavel.pk}/").status_code == 404
    assert pull(secret, f"/api/v1/enrolments/{enrolments[1].pk}/").status_code == 404
    lines = b"".join(pull(secret, "/api/v1/members.jsonl").streaming_content).splitlines()
    assert len(lines) == 1
    figures = b"".join(pull(secret, "/api/v1/figures.csv").streaming_content).decode()
    assert (str(cohorts[0].pk) in figures, str(cohorts[1].pk) in figures) == (True, False)
    for path in LISTS:
        assert pull(secret, path).status_code == 200, path


LISTS_OF_PROGRAM = ("member", "program", "cohort", "enrolment")


def test_a_token_of_a_program_writes_nobody(cast: Cast) -> None:
    with tenant(cast.acme):
        program = make_program(cast.acme)
    page = reverse("programs:tokens", args=["acme", program.pk])
    client = sign_in(cast.olga)
    typed = {"name": "Board", "scopes": ["people.manage"], "expires_at": "30"}
    assert client.post(page, typed).status_code == 422
    made = client.post(page, {**typed, "scopes": ["facts.read"]}).context["made"]
    assert (made.program_id, made.member_id) == (program.pk, cast.olga.pk)
    with pytest.raises(ScopeNotYours):
        make(cast.olga, scopes=[Permission.PEOPLE_MANAGE], program_id=program.pk)
    with tenant(cast.acme):
        other = make_program(cast.acme, name="Other")
    rows = client.get(reverse("programs:tokens", args=["acme", other.pk])).context["rows"]
    assert (rows, len(client.get(page).context["rows"])) == ([], 1)


# ── notice ──
def test_its_holder_is_told_a_fortnight_before_its_end_once(cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        token, _secret = make(cast.hugo, expires_at=now + 30 * DAY)
    for later, told in ((15, 0), (16, 1), (17, 0)):
        with clock.at(now + later * DAY), tenant(cast.acme):
            at = clock.now() + timedelta(minutes=1)
            assert keys.warn_of_ending_tokens(at=at) == told
    with tenant(cast.acme):
        email = Email.objects.get(kind="accounts.token_ending")
        assert (email.member_id, email.needed_by) == (cast.hugo.pk, now + 30 * DAY)
        with clock.at(now + 17 * DAY):
            keys.rotate_token(token=token, overlap=DAY, by=cast.hugo, expires_at=now + 47 * DAY)
            assert keys.warn_of_ending_tokens(at=now + 18 * DAY) == 0
            assert keys.warn_of_ending_tokens(at=now + 34 * DAY) == 1
        email.refresh_from_db()
        assert email.withdrawn_at is not None


# ── who takes it over ──
def test_who_is_asked_makes_it_anew_and_the_old_one_goes_on_for_a_week(cast: Cast) -> None:
    now = clock.now()
    with clock.at(now):
        token, old = make(
            cast.cora,
            scopes=[Permission.FACTS_READ, Permission.PEOPLE_READ],
            addresses=["127.0.0.0/8"],
        )
        with tenant(cast.acme):
            with pytest.raises(NotForTokens):
                keys.offer_token(token=token, to=cast.petra, by=cast.cora)
            with pytest.raises(TokenNotYours):
                keys.offer_token(token=token, to=cast.hugo, by=cast.hugo)
            with pytest.raises(TokenNotYours):
                keys.take_over_token(token=token, by=cast.hugo)
            keys.offer_token(token=token, to=cast.hugo, by=cast.cora)
            email = Email.objects.get(kind="accounts.token_offered")
            assert (email.member_id, email.context["giver"]) == (cast.hugo.pk, cast.cora.full_name)
            made, new = keys.take_over_token(token=token, by=cast.hugo)
    assert (made.member_id, made.scopes, made.addresses) == (
        cast.hugo.pk,
        ["facts.read"],
        ["127.0.0.0/8"],
    )
    for later, codes in ((timedelta(), (200, 200)), (7 * DAY, (401, 200))):
        with clock.at(now + later):
            assert (pull(old).status_code, pull(new).status_code) == codes
    with tenant(cast.acme), pytest.raises(TokenNotYours):
        keys.take_over_token(token=token, by=cast.hugo)  # once


def test_the_pages_hand_it_over(cast: Cast) -> None:
    token, _secret = make(cast.cora)
    page = f"{PAGE}{token.pk}/"
    giver, taker = sign_in(cast.cora), sign_in(cast.hugo)
    assert taker.get(page).status_code == 404
    assert giver.post(f"{page}offer/", {"to": cast.petra.pk}).status_code == 422
    assert giver.post(f"{page}offer/", {"to": cast.hugo.pk}).status_code == 302
    assert "Make it again for me" in taker.get(page).content.decode()
    assert "Make it again for me" not in giver.get(page).content.decode()
    assert giver.post(f"{page}take-over/", {"expires_at": "30"}).status_code == 422
    assert taker.get(f"{page}take-over/").status_code == 302
    answer = taker.post(f"{page}take-over/", {"expires_at": "30"})
    assert pull(answer.context["secret"]).status_code == 200


def test_an_owner_may_take_over_what_others_hold(cast: Cast) -> None:
    token, _secret = make(cast.hugo)
    with tenant(cast.acme):
        made, secret = keys.take_over_token(token=token, by=cast.olga)
        token.refresh_from_db()
        assert (made.member_id, token.revoked_at) == (cast.olga.pk, None)
        keys.revoke_token(token=token, by=cast.hugo)
        with pytest.raises(TokenNotYours):
            keys.take_over_token(token=token, by=cast.olga)
    assert pull(secret).status_code == 200


@pytest.mark.parametrize("named", [True, False])
def test_of_who_leaves_somebody_hears_which_tokens_have_stopped(cast: Cast, named: bool) -> None:
    token, old = make(cast.hugo)
    heir = cast.olga
    with tenant(cast.acme):
        people.mark_left(member=cast.hugo, by=None, successor=heir if named else None)
        kind = "accounts.taken_over" if named else "accounts.token_offered"
        email = Email.objects.get(kind__in=["accounts.taken_over", "accounts.token_offered"])
        assert (email.kind, email.member_id, email.cause_id) == (kind, heir.pk, cast.hugo.pk)
        made, new = keys.take_over_token(token=token, by=heir)
    assert (pull(old).status_code, pull(new).status_code) == (401, 200)
    assert made.member_id == heir.pk


def test_who_leaves_is_asked_no_more(cast: Cast) -> None:
    token, _secret = make(cast.cora)
    with tenant(cast.acme):
        keys.offer_token(token=token, to=cast.hugo, by=cast.olga)
        people.mark_left(member=cast.hugo, by=cast.olga)
        token.refresh_from_db()
        assert (token.offered_to, token.revoked_at) == (None, None)


# ── the trail ──
def test_a_day_of_use_is_one_line_of_the_audit_trail(cast: Cast) -> None:
    now = clock.now()
    token, secret = make(cast.hugo)
    with clock.at(now):
        n = len(pull(secret).json()["results"])
        b"".join(pull(secret, "/api/v1/members.csv").streaming_content)
        b"".join(pull(secret, "/api/v1/members.jsonl").streaming_content)
        pull(secret, "/api/v1/organisation/")
        pull(secret, "/api/v1/members/?wrong=1")
        with tenant(cast.acme):
            assert close_token_days(at=clock.now()) == 0
    with clock.at(now + DAY):
        pull(secret)  # the first of the next day closes the one before
    with clock.at(now + 2 * DAY), tenant(cast.acme):
        assert (close_token_days(at=clock.now()), close_token_days(at=clock.now())) == (1, 0)
        days = [str(day_of(now + n * DAY)) for n in (0, 1)]
        last = day_of(now + DAY)
        lines = list(AuditEvent.objects.filter(verb="token.used").order_by("id"))
        token.refresh_from_db()
        said = sentence(lines[0], Names.in_acts(lines))
    assert [line.details for line in lines] == [
        {"day": days[0], "pulls": 5, "rows": 3 * n + 1},
        {"day": days[1], "pulls": 1, "rows": n},
    ]
    assert (token.pulls, token.rows, token.last_used_on) == (0, 0, last)
    assert f"5 requests, {3 * n + 1} rows" in said
