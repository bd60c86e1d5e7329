"""Who may see which page, what a page costs, and that a stranger sees nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.accounts.operations import people
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, make_member, sign_in
from tests.core.accounts.build import make_invitation, make_token

# page: who may see it; everybody else of the organisation gets 403
PAGES = {
    "people": {"olga", "cora"},
    "export_people": {"olga", "cora"},
    "invite": {"olga", "cora"},
    "settings": {"olga"},
    "tokens": {"olga", "cora", "hugo"},
    "audit": {"olga"},
    "me": {"olga", "cora", "hugo", "petra"},
    "emails": {"olga", "cora", "hugo", "petra"},
    "leave": {"olga", "cora", "hugo", "petra"},
}
ABOUT_ONE = {
    "member": {"olga", "cora"},
    "edit_member": {"olga", "cora"},
    "mark_left": {"olga", "cora"},
}
POSTS = {
    "change_role": {"olga"},
    "send_invitation": {"olga", "cora"},
    "withdraw_invitation": {"olga", "cora"},
}


@pytest.mark.parametrize("who", ["olga", "cora", "hugo", "petra", "greta"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_its_roles_and_no_stranger(cast: Cast, name: str, who: str):
    response = sign_in(getattr(cast, who)).get(reverse(f"accounts:{name}", args=["acme"]))
    wanted = 404 if who == "greta" else 200 if who in PAGES[name] else 403
    assert response.status_code == wanted


@pytest.mark.parametrize("who", ["olga", "cora", "hugo", "petra", "greta"])
@pytest.mark.parametrize("name", ABOUT_ONE)
def test_a_page_about_one_person_is_for_its_roles(cast: Cast, name: str, who: str):
    url = reverse(f"accounts:{name}", args=["acme", cast.pavel.pk])
    response = sign_in(getattr(cast, who)).get(url)
    wanted = 404 if who == "greta" else 200 if who in ABOUT_ONE[name] else 403
    assert response.status_code == wanted


@pytest.mark.parametrize("who", ["hugo", "petra", "greta"])
@pytest.mark.parametrize("name", [*POSTS, "mark_left", "edit_member"])
def test_others_change_nobody(cast: Cast, name: str, who: str):
    url = reverse(f"accounts:{name}", args=["acme", cast.pavel.pk])
    response = sign_in(getattr(cast, who)).post(url, {"role": "owner", "given_name": "X"})
    assert response.status_code == (404 if who == "greta" else 403)
    with tenant(cast.acme):
        cast.pavel.refresh_from_db()
    assert (cast.pavel.role, cast.pavel.state, cast.pavel.given_name) == (
        "participant",
        "live",
        "Pavel",
    )


@pytest.mark.parametrize("name", [*ABOUT_ONE])
def test_a_foreign_person_is_as_unknown_as_nobody(cast: Cast, name: str):
    browser = sign_in(cast.olga)
    foreign = browser.get(reverse(f"accounts:{name}", args=["acme", cast.greta.pk]))
    unknown = browser.get(reverse(f"accounts:{name}", args=["acme", uuid4()]))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content


@pytest.mark.parametrize("name", [*POSTS, "mark_left", "edit_member"])
def test_a_foreign_person_cannot_be_changed(cast: Cast, name: str):
    url = reverse(f"accounts:{name}", args=["acme", cast.greta.pk])
    assert sign_in(cast.olga).post(url, {"role": "owner"}).status_code == 404


def test_a_foreign_token_cannot_be_revoked(cast: Cast):
    token, _secret = make_token(cast.gina)
    url = reverse("accounts:revoke_token", args=["acme", token.pk])
    assert sign_in(cast.olga).post(url).status_code == 404


@pytest.mark.parametrize("name", ["invite_waiting", "mute_emails"])
def test_what_changes_something_is_never_a_get(cast: Cast, name: str):
    assert sign_in(cast.olga).get(reverse(f"accounts:{name}", args=["acme"])).status_code == 405


def statements(browser, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(url).status_code == 200
    return len(caught)


def test_people_cost_the_same_with_few_and_with_many(cast: Cast):
    browser, url = sign_in(cast.cora), reverse("accounts:people", args=["acme"])
    few = statements(browser, url)
    for number in range(3):
        make_member(cast.acme, f"More{number}")
    make_invitation(cast.cora)
    assert statements(browser, url) == few


def test_tokens_and_audit_cost_the_same_with_one_and_with_three(cast: Cast):
    browser = sign_in(cast.olga)
    make_token(cast.cora)
    urls = [reverse(f"accounts:{name}", args=["acme"]) for name in ("tokens", "audit")]
    before = [statements(browser, url) for url in urls]
    make_token(cast.cora)
    make_token(cast.hugo)
    assert [statements(browser, url) for url in urls] == before


def test_the_theme_is_a_stylesheet_kept_for_a_year(cast: Cast):
    from core.ui.theme import theme_url

    browser = sign_in(cast.petra)
    response = browser.get(theme_url("acme", "plum"))
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    assert b"--accent: light-dark(#7a2e6e" in response.content
    assert browser.get("/o/acme/theme.000000000000.css").status_code == 404


def test_an_owner_changes_the_settings_and_nothing_typed_is_lost(cast: Cast):
    browser, url = sign_in(cast.olga), reverse("accounts:settings", args=["acme"])
    typed = {
        "name": "Acme & Söhne",
        "time_zone": "Europe/Lisbon",
        "accent": "berry",
        "threshold": "2",
        "retention_days": "365",
    }
    refused = browser.post(url, typed)
    assert refused.status_code == 422
    assert "Acme &amp; Söhne" in refused.content.decode()
    assert browser.post(url, {**typed, "threshold": "8"}).status_code == 302
    page = browser.get(url).content.decode()
    assert 'value="Acme &amp; Söhne"' in page
    assert 'value="berry" required id="id_accent_4" checked' in page or "checked" in page
    with tenant(cast.acme):
        chosen = settings_in_force()
    assert (chosen.time_zone, chosen.accent, chosen.threshold) == ("Europe/Lisbon", "berry", 8)


@pytest.mark.parametrize(
    ("template", "saved"),
    [
        ("https://meet.acme.example/{room}", True),
        ("", True),
        ("https://meet.acme.example/all-in-one", False),
        ("http://meet.acme.example/{room}", False),
        ("javascript:{room}", False),
        ("https://{room}", False),
    ],
)
def test_video_links_are_encrypted_and_rooms_are_not_shared(cast: Cast, template: str, saved: bool):
    typed = {
        "name": "Acme",
        "time_zone": "Europe/Berlin",
        "accent": "teal",
        "video_template": template,
        "threshold": "5",
        "retention_days": "365",
    }
    answer = sign_in(cast.olga).post(reverse("accounts:settings", args=["acme"]), typed)
    assert answer.status_code == (302 if saved else 422)
    with tenant(cast.acme):
        assert (settings_in_force().video_template == template) is saved


def test_my_profile_is_mine_to_change(cast: Cast):
    browser, url = sign_in(cast.petra), reverse("accounts:me", args=["acme"])
    answer = browser.post(
        url,
        {
            "given_name": "Petra Maria",
            "family_name": "",
            "time_zone": "Asia/Tokyo",
            "location": "Tōkyō",
            "country": "JP",
        },
    )
    assert answer.status_code == 302
    with tenant(cast.acme):
        cast.petra.refresh_from_db()
    assert (cast.petra.given_name, cast.petra.family_name) == ("Petra Maria", "")
    assert (cast.petra.time_zone, cast.petra.country) == ("Asia/Tokyo", "JP")


def test_a_kind_of_email_is_turned_off_and_on_again(cast: Cast):
    from core.notifications.models import MutedKind

    browser, url = sign_in(cast.petra), reverse("accounts:mute_emails", args=["acme"])
    assert browser.post(url, {"kind": "feedback.check_in", "mute": "yes"}).status_code == 302
    with tenant(cast.acme):
        assert [row.kind for row in MutedKind.objects.filter(member=cast.petra)] == [
            "feedback.check_in"
        ]
    assert browser.post(url, {"kind": "feedback.check_in", "mute": "no"}).status_code == 302
    with tenant(cast.acme):
        assert not MutedKind.objects.exists()
    assert browser.post(url, {"kind": "accounts.invitation", "mute": "yes"}).status_code == 404


def test_somebody_leaves_by_themselves_and_is_out(cast: Cast):
    browser = sign_in(cast.petra)
    assert browser.post(reverse("accounts:leave", args=["acme"])).status_code == 302
    assert browser.get("/o/acme/me/").status_code == 404
    assert browser.get("/organisations/").status_code == 200


def test_the_last_owner_is_refused_politely(cast: Cast):
    answer = sign_in(cast.olga).post(reverse("accounts:leave", args=["acme"]))
    assert answer.status_code == 409
    assert "needs an owner" in answer.content.decode()


def test_a_token_is_shown_once_and_opens_the_api(cast: Cast):
    browser, url = sign_in(cast.hugo), reverse("accounts:tokens", args=["acme"])
    page = browser.post(url, {"name": "BI", "scopes": ["figures.read"]}).content.decode()
    secret = page.partition('id="secret" value="')[2].partition('"')[0]
    assert secret.startswith("rt_")
    assert secret not in browser.get(url).content.decode()
    refused = browser.post(url, {"name": "BI", "scopes": ["settings.manage"]})
    assert refused.status_code == 422


def test_the_audit_trail_reads_as_sentences_and_narrows(cast: Cast):
    with tenant(cast.acme):
        people.change_role(member=cast.pavel, role="coordinator", by=cast.olga)
    browser, url = sign_in(cast.olga), reverse("accounts:audit", args=["acme"])
    words = "Olga Acme changed the role of Pavel Acme from Participant to Coordinator."
    assert words in browser.get(url).content.decode()
    narrowed = browser.get(url, {"verb": "member.role_changed"}).content.decode()
    assert words in narrowed
    assert "opened the organisation" not in narrowed
    by_nobody = browser.get(url, {"verb": "no.such", "by": "x"}).content.decode()
    assert words in by_nobody
