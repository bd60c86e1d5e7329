"""Who may see which page, what a page costs, and that a stranger sees nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.accounts.operations import people
from core.members.models import Member
from core.notifications.models import MutedKind
from core.notifications.operations import Link, enqueue
from core.tenancy.context import tenant
from core.tenancy.models import OrganisationSettings
from core.tenancy.queries import settings_in_force
from tests.cast import Cast, main_of, make_member, sign_in
from tests.core.accounts.build import make_invitation, make_token

# page: who may see it; everybody else of the organisation gets 403
PAGES = {
    "people": {"olga", "cora"},
    "export_people": {"olga", "cora"},
    "invite": {"olga", "cora"},
    "settings": {"olga"},
    "texts": {"olga"},
    "tokens": {"olga", "cora", "hugo"},
    "audit": {"olga"},
    "me": {"olga", "cora", "hugo", "petra"},
    "emails": {"olga", "cora", "hugo", "petra"},
}
ABOUT_ONE = {
    "member": {"olga", "cora"},
    "edit_member": {"olga", "cora"},
}
POSTS = {
    "change_role": {"olga"},
    "send_invitation": {"olga", "cora"},
    "withdraw_invitation": {"olga", "cora"},
    "keep_address": {"olga", "cora"},
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
@pytest.mark.parametrize("name", [*POSTS, "edit_member"])
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
    assert main_of(foreign) == main_of(unknown)


@pytest.mark.parametrize("name", [*POSTS, "edit_member"])
def test_a_foreign_person_cannot_be_changed(cast: Cast, name: str):
    url = reverse(f"accounts:{name}", args=["acme", cast.greta.pk])
    assert sign_in(cast.olga).post(url, {"role": "owner"}).status_code == 404


def test_a_foreign_token_cannot_be_revoked(cast: Cast):
    token, _secret = make_token(cast.gina)
    url = reverse("accounts:revoke_token", args=["acme", token.pk])
    assert sign_in(cast.olga).post(url).status_code == 404


@pytest.mark.parametrize("name", ["people:invite_chosen"])
def test_what_changes_something_is_never_a_get(cast: Cast, name: str):
    assert sign_in(cast.olga).get(reverse(name, args=["acme"])).status_code == 405


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
        "video": "none",
        "retention_days": "365",
        "idle_minutes": "720",
        "week_starts_on": "6",
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
    assert chosen.week_starts_on == 6


@pytest.mark.parametrize(
    ("kind", "template", "saved"),
    [
        ("own", "https://meet.acme.example/{room}", "https://meet.acme.example/{room}"),
        ("none", "", ""),
        ("none", "https://meet.acme.example/{room}", ""),
        ("jitsi", "", "https://meet.jit.si/{room}"),
        ("own", "", None),
        ("own", "https://meet.acme.example/all-in-one", None),
        ("own", "http://meet.acme.example/{room}", None),
        ("own", "javascript:{room}", None),
        ("own", "https://{room}", None),
    ],
)
def test_video_links_are_encrypted_and_rooms_are_not_shared(
    cast: Cast, kind: str, template: str, saved: str | None
):
    with tenant(cast.acme):
        assert settings_in_force().video_template == ""  # no third party unless one is chosen
    typed = {
        "name": "Acme",
        "time_zone": "Europe/Berlin",
        "accent": "teal",
        "video": kind,
        "video_template": template,
        "threshold": "5",
        "retention_days": "365",
        "idle_minutes": "720",
        "week_starts_on": "6",
    }
    answer = sign_in(cast.olga).post(reverse("accounts:settings", args=["acme"]), typed)
    assert answer.status_code == (422 if saved is None else 302)
    with tenant(cast.acme):
        assert settings_in_force().video_template == (saved or "")


PROFILE = {
    "given_name": "Petra Maria",
    "family_name": "",
    "time_zone": "Asia/Tokyo",
    "country": "JP",
    "languages": "Japanese, German",
    "department": "Tide",
    "job_title": "Pilot",
    "level": "5",
    "location": "Tōkyō",
}


def test_my_profile_is_mine_to_change_as_far_as_the_organisation_leaves_it(cast: Cast):
    browser, url = sign_in(cast.petra), reverse("accounts:me", args=["acme"])
    assert browser.post(url, PROFILE).status_code == 302
    with tenant(cast.acme):
        petra = Member.objects.get(pk=cast.petra.pk)
    assert (petra.given_name, petra.family_name) == ("Petra Maria", "")
    assert (petra.time_zone, petra.country) == ("Asia/Tokyo", "JP")
    assert petra.languages == ["Japanese", "German"]
    assert (petra.department, petra.job_title, petra.level) == ("Tide", "Pilot", "5")
    with tenant(cast.acme):
        OrganisationSettings.objects.update(own_facts=["location"])
    page = browser.get(url).content.decode()
    assert 'name="location"' in page
    assert 'name="department"' not in page
    browser.post(url, {**PROFILE, "department": "Harbour", "location": "Kyōto"})
    with tenant(cast.acme):
        petra.refresh_from_db()
    assert (petra.department, petra.location) == ("Tide", "Kyōto")


def test_a_403_says_whom_to_ask_and_keeps_the_way_on(cast: Cast):
    page = sign_in(cast.petra).get(reverse("accounts:people", args=["acme"]))
    assert page.status_code == 403
    assert "Ask an owner if you should be one: Olga Acme." in page.content.decode()
    page = sign_in(cast.cora).get(reverse("accounts:settings", args=["acme"]))
    assert "It is for owners: Olga Acme." in page.content.decode()
    for browser, path in (
        (sign_in(cast.cora), "/o/acme/settings/"),
        (sign_in(cast.cora), "/o/acme/nothing-here/"),
        (sign_in(cast.cora), f"/o/acme/people/{uuid4()}/"),
    ):
        assert 'aria-label="Main"' in browser.get(path).content.decode()
    outside = sign_in(cast.greta).get("/o/acme/people/")
    assert outside.status_code == 404
    assert 'aria-label="Main"' not in outside.content.decode()


def test_a_person_says_when_and_how_often_e_mails_come(cast: Cast):
    with tenant(cast.acme):
        for kind in ("programs.accepted", "sessions.changed", "sessions.reminder"):
            enqueue(member=cast.petra, kind=kind, dedupe_key=kind, link=Link())
    browser, url = sign_in(cast.petra), reverse("accounts:emails", args=["acme"])
    form = browser.get(url).context["form"]
    assert {name: form[name].initial for name in form.fields} == {
        "quiet_from": 20,
        "quiet_until": 7,
        "weekends": True,
        "email_feedback_check_in": "at_once",
        "email_programs_accepted": "at_once",
        "email_sessions_reminder": "on",  # it comes the day before, or not at all
    }
    chosen = {
        "quiet_from": 18,
        "quiet_until": 9,
        "email_feedback_check_in": "off",
        "email_programs_accepted": "daily",
        "email_sessions_reminder": "on",
    }
    assert browser.post(url, chosen).status_code == 302
    form = browser.get(url).context["form"]
    assert {name: form[name].initial for name in form.fields} == {**chosen, "weekends": False}
    with tenant(cast.acme):
        assert [row.kind for row in MutedKind.objects.filter(member=cast.petra)] == [
            "feedback.check_in"
        ]
    assert browser.post(url, {**chosen, "email_feedback_check_in": "weekly"}).status_code == 302
    with tenant(cast.acme):
        assert not MutedKind.objects.exists()
    refused = browser.post(url, {**chosen, "email_sessions_reminder": "weekly"})
    assert (refused.status_code, refused.context["form"]["quiet_from"].value()) == (422, "18")


def test_a_token_is_shown_once_and_opens_the_api(cast: Cast):
    browser, url = sign_in(cast.hugo), reverse("accounts:tokens", args=["acme"])
    chosen = {"name": "BI", "scopes": ["figures.read"], "expires_at": "90"}
    page = browser.post(url, chosen).content.decode()
    secret = page.partition('id="secret" value="')[2].partition('"')[0]
    assert secret.startswith("rt_")
    assert secret not in browser.get(url).content.decode()
    refused = browser.post(url, {**chosen, "scopes": ["settings.manage"]})
    assert refused.status_code == 422


def test_what_is_done_many_times_at_once_is_one_line_of_the_audit_trail(cast: Cast):
    """An import enters hundreds: one line, each behind it, and the file has every one."""
    with time_machine.travel(datetime(2026, 3, 2, 10, tzinfo=UTC), tick=False):
        for name in ("Ada", "Bo", "Cy", "Di", "Ed"):
            with tenant(cast.acme):
                people.add_member(
                    email=f"{name}@acme.example", given_name=name, role="participant", by=cast.cora
                )
    browser, url = sign_in(cast.olga), reverse("accounts:audit", args=["acme"])
    that_day = {"since": "2026-03-02", "until": "2026-03-02", "by": str(cast.cora.pk)}

    page = browser.get(url, that_day).content.decode()

    assert page.count("Cora Acme entered") == 1
    assert "and 4 more like it in the same minute" in page
    assert "Export these 5" in " ".join(page.split())
    each = browser.get(url, that_day | {"verb": "member.added"}).content.decode()
    assert each.count("Cora Acme entered") == 5
    file = browser.get(reverse("accounts:export_audit", args=["acme"]), that_day)
    lines = b"".join(iter(file))
    assert lines.decode().count("member.added") == 5
    before = browser.get(url, {"until": "2026-03-01", "by": str(cast.cora.pk)}).content.decode()
    assert "Cora Acme entered" not in before
    assert browser.get(url, {"since": "2026-02-31", "until": "x"}).status_code == 200


def test_the_audit_trail_reads_as_sentences_and_narrows(cast: Cast):
    with tenant(cast.acme):
        people.change_role(member=cast.pavel, role="coordinator", by=cast.olga)
    browser, url = sign_in(cast.olga), reverse("accounts:audit", args=["acme"])
    words = "Olga Acme changed the role of Pavel Acme from Participant to Coordinator."
    assert words in browser.get(url).content.decode()
    narrowed = browser.get(url, {"verb": "member.role_changed"}).content.decode()
    assert words in narrowed
    assert "opened the organisation" not in narrowed
    of_pavel = browser.get(url, {"target": "pavel"}).content.decode()
    assert (words in of_pavel, "opened the organisation" in of_pavel) == (True, False)
    by_nobody = browser.get(url, {"verb": "no.such", "by": "x"}).content.decode()
    assert words in by_nobody
