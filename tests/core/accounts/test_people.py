"""What changes people: roles, leaving, work facts; and the list of them, on page and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from django.db import IntegrityError
from django.urls import reverse

from core.accounts.errors import (
    AlreadyHere,
    AlreadyLeft,
    AlreadyRevoked,
    EmployeeIdTaken,
    LastOwner,
    MemberInUse,
    OwnManager,
    RoleAboveYours,
    ScopeNotYours,
)
from core.accounts.operations import invitations, keys, organisations
from core.accounts.operations import people as accounts_people
from core.accounts.operations.removal import remove_member
from core.accounts.operations.work_facts import NewMember, enter_members, update_work_facts
from core.accounts.views import people
from core.audit.models import AuditEvent
from core.audit.names import Names
from core.audit.sentences import sentence
from core.common import clock
from core.common.errors import violated
from core.members import limits
from core.members.keys import find_key
from core.members.models import AddressChange, ApiToken, Key, Member
from core.members.permissions import Permission
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force
from core.ui.theme import ACCENTS
from tests.cast import Cast, make_member, make_user, sign_in
from tests.core.accounts.build import link_of, make_invitation, make_token
from tests.core.accounts.contrast import ENOUGH, contrast, weakest_contrast

HOSTILE = [
    '=HYPERLINK("http://evil.example")',
    "<script>alert(1)</script>",
    "\u202eevil",
    "👩🏽‍🚀",
    "O'Brien; DROP TABLE members_member",
    "{{ 7|add:7 }}",
]


def test_a_role_change_is_audited_and_the_last_owner_stays(cast: Cast):
    with tenant(cast.acme):
        accounts_people.change_role(member=cast.pavel, role="owner", by=cast.olga)
        accounts_people.change_role(member=cast.olga, role="participant", by=cast.olga)
        with pytest.raises(LastOwner):
            accounts_people.change_role(member=cast.pavel, role="hr", by=cast.pavel)
        events = AuditEvent.objects.filter(verb="member.role_changed").order_by("id")
        assert [sentence(event, Names.in_acts(events)) for event in events] == [
            "Olga Acme changed the role of Pavel Acme from Participant to Owner.",
            "Olga Acme changed the role of Olga Acme from Owner to Participant.",
        ]


def test_nobody_raises_themselves_or_touches_who_is_above(cast: Cast):
    with tenant(cast.acme):
        with pytest.raises(RoleAboveYours):
            accounts_people.change_role(member=cast.cora, role="owner", by=cast.cora)
        with pytest.raises(RoleAboveYours):
            accounts_people.mark_left(member=cast.olga, by=cast.cora)


@pytest.mark.parametrize("state", ["live", "invited", "left"])
@pytest.mark.parametrize("role", ["owner", "coordinator"])
def test_nobody_names_the_mailbox_of_who_may_as_much(cast: Cast, role: str, state: str):
    """Whoever names it may accept the invitation there, and be them: with all programs, or all."""
    person = make_member(cast.acme, "Otto", role, live=state == "live")
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.cora.pk).update(runs_all=False)
        Member.objects.filter(pk=person.pk).update(
            state=state, left_at=clock.now() if state == "left" else None
        )
    page = f"/o/acme/people/{person.pk}/edit/"
    typed = {"given_name": "Otto", "email": "mine@acme.example"}
    answer = sign_in(cast.cora).post(page, typed)
    assert (answer.status_code, "an owner has to do this" in answer.text) == (422, True)
    with tenant(cast.acme):
        person = Member.objects.select_related("organisation").get(pk=person.pk)
        cora = Member.objects.get(pk=cast.cora.pk)
        with pytest.raises(RoleAboveYours):
            update_work_facts(changes={person: {"email": "mine@acme.example"}}, by=cora)
        assert Member.objects.get(pk=person.pk).email == "otto@acme.example"
        assert not AddressChange.objects.exists()
    assert sign_in(cast.olga).post(page, typed).status_code == 302
    if state == "live":  # nor does anybody else stop what an owner has asked for
        assert (
            sign_in(cast.cora).post(f"/o/acme/people/{person.pk}/keep-address/").status_code == 409
        )
        with tenant(cast.acme):
            assert AddressChange.objects.open().filter(member=person).exists()


def test_who_is_invited_back_runs_no_more_than_who_invites_them(cast: Cast):
    person = make_member(cast.acme, "Otto", "coordinator")
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.cora.pk).update(runs_all=False)
        cora = Member.objects.select_related("organisation").get(pk=cast.cora.pk)
        for by, runs_all in ((cora, False), (cast.olga, False)):
            accounts_people.mark_left(member=Member.objects.get(pk=person.pk), by=cast.olga)
            gone = Member.objects.select_related("organisation").get(pk=person.pk)
            invitations.send_invitation(member=gone, by=by)
            assert Member.objects.get(pk=person.pk).runs_all is runs_all


def test_leaving_stops_tokens_and_invitations_and_is_refused_the_second_time(cast: Cast):
    _token, secret = make_token(cast.cora)
    invitation = make_invitation(cast.olga)
    assert find_key(Key.Kind.API_TOKEN, secret) is not None
    with tenant(cast.acme):
        accounts_people.mark_left(member=cast.cora, by=cast.olga)
        accounts_people.mark_left(member=invitation.member, by=cast.olga)
        assert ApiToken.objects.filter(revoked_at=None).count() == 0
        with pytest.raises(AlreadyLeft):
            accounts_people.mark_left(member=cast.cora, by=cast.olga)
    assert find_key(Key.Kind.API_TOKEN, secret) is None
    assert sign_in(cast.cora).get("/o/acme/me/").status_code == 404
    assert sign_in(cast.olga).get(link_of(invitation)).status_code == 404


def test_a_token_does_no_more_than_its_maker_may(cast: Cast):
    with tenant(cast.acme):
        with pytest.raises(ScopeNotYours):
            keys.create_token(name="x", scopes=[Permission.PEOPLE_READ], by=cast.hugo)
        with pytest.raises(ScopeNotYours):
            keys.create_token(name="x", scopes=[Permission.SETTINGS_MANAGE], by=cast.olga)


def test_a_token_is_revoked_once(cast: Cast):
    token, secret = make_token(cast.hugo)
    with tenant(cast.acme):
        keys.revoke_token(token=token, by=cast.hugo)
        with pytest.raises(AlreadyRevoked):
            keys.revoke_token(token=token, by=cast.hugo)
    assert find_key(Key.Kind.API_TOKEN, secret) is None


def test_work_facts_change_with_an_audit_row_that_names_the_columns_only(cast: Cast):
    with tenant(cast.acme):
        accounts_people.update_member(
            member=cast.petra, by=cast.cora, department="Tide", manager=cast.olga
        )
        accounts_people.update_member(member=cast.petra, by=cast.cora, department="Tide")
        event = AuditEvent.objects.get(verb="member.changed")
        assert event.details == {"changed": ["department", "manager"]}
        assert (
            sentence(event, Names.in_acts([event]))
            == "Cora Acme changed department, manager of Petra Acme."
        )
        accounts_people.update_member(member=cast.pavel, by=cast.cora, employee_id="7")
        with pytest.raises(EmployeeIdTaken):
            accounts_people.update_member(member=cast.petra, by=cast.cora, employee_id="7")
        with pytest.raises(OwnManager):
            accounts_people.update_member(member=cast.petra, by=cast.cora, manager=cast.petra)
        with pytest.raises(ValueError, match="role"):
            accounts_people.update_member(member=cast.petra, by=cast.cora, role="owner")


def test_the_form_of_work_facts_says_what_is_wrong_where_and_keeps_the_rest(cast: Cast):
    with tenant(cast.acme):
        accounts_people.update_member(member=cast.pavel, by=cast.cora, employee_id="7")
    browser = sign_in(cast.cora)
    url = reverse("accounts:edit_member", args=["acme", cast.petra.pk])
    typed = {"given_name": "Petra", "team": "Quay", "employee_id": "7", "languages": "de, en,de"}
    typed["email"] = cast.petra.email
    refused = browser.post(url, typed)
    assert refused.status_code == 422
    assert "has this employee id" in refused.content.decode()
    assert 'value="Quay"' in refused.content.decode()
    nobody = browser.post(url, {**typed, "employee_id": "", "manager": cast.greta.email})
    assert "Nobody in your organisation has this e-mail" in nobody.content.decode()
    saved = browser.post(url, {**typed, "employee_id": "8", "manager": "OLGA@acme.example"})
    assert saved.status_code == 302
    with tenant(cast.acme):
        petra = Member.objects.select_related("manager").get(pk=cast.petra.pk)
    assert (petra.employee_id, petra.languages, petra.manager) == ("8", ["de", "en"], cast.olga)


def rows_of(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_export_is_exactly_what_is_filtered(cast: Cast):
    make_member(cast.acme, "Nadia", department="Tide", live=False)
    make_member(cast.acme, "Noor", department="Tide")
    browser, query = sign_in(cast.cora), {"q": "tide", "state": "live"}
    page = browser.get(reverse("accounts:people", args=["acme"]), query).content.decode()
    assert "Noor Acme" in page
    assert "Nadia Acme" not in page
    export = browser.get(reverse("accounts:export_people", args=["acme"]), query)
    assert export.headers["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert [row["email"] for row in rows_of(export)] == ["noor@acme.example"]


def test_the_export_of_all_holds_nobody_of_the_other_organisation(cast: Cast):
    export = sign_in(cast.olga).get(reverse("accounts:export_people", args=["acme"]))
    found = {row["email"] for row in rows_of(export)}
    assert len(found) == 5
    assert all(email.endswith("@acme.example") for email in found)


@pytest.mark.parametrize("order", ["family_name", "-family_name", "department", "-id"])
def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast, monkeypatch, order: str):
    from core.common import pages

    monkeypatch.setattr(people, "page", lambda *args, **kw: pages.page(*args, **kw, size=3))
    for number in range(5):
        make_member(cast.acme, f"N{number}", department=f"D{number % 2}")
    browser, url, seen = sign_in(cast.olga), f"/o/acme/people/?order={order}", []
    while url:
        page = browser.get(url).content.decode()
        seen += [part.partition("</small>")[0] for part in page.split("<small>") if "@acme" in part]
        more = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        url = more.replace("&amp;", "&") if 'rel="next"' in page else ""
    emails = [email for email in seen if "@acme.example" in email and len(email) < 40]
    assert len(emails) == len(set(emails)) == 10


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_harmlessly_everywhere(cast: Cast, name: str):
    browser = sign_in(cast.olga)
    answer = browser.post(
        "/o/acme/people/invite/",
        {"email": "h@acme.example", "given_name": name, "family_name": "", "role": "participant"},
    )
    assert answer.status_code == 302
    for url in (answer.headers["Location"], "/o/acme/people/", "/o/acme/settings/audit/"):
        page = browser.get(url).content.decode()
        assert "<script>alert" not in page
        assert "{{" not in page or "{{ 7|add:7 }}" in page
        assert ">14<" not in page
    rows = rows_of(browser.get(reverse("accounts:export_people", args=["acme"])))
    written = next(row["given_name"] for row in rows if row["email"] == "h@acme.example")
    kept = name.lstrip("\u202e")
    assert written == (f"'{kept}" if kept.startswith("=") else kept)


@pytest.mark.parametrize("value", ["a\x00b", "x" * 100_000])
def test_what_cannot_be_stored_is_said_at_the_field(cast: Cast, value: str):
    answer = sign_in(cast.olga).post(
        "/o/acme/people/invite/",
        {"email": "h@acme.example", "given_name": value, "role": "participant"},
    )
    assert answer.status_code == 422


def test_a_limit_refuses_politely(cast: Cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "export", limits.Limit(1, 3600))
    browser, url = sign_in(cast.cora), reverse("accounts:export_people", args=["acme"])
    assert browser.get(url).status_code == 200
    refused = browser.get(url)
    assert refused.status_code == 429
    assert 3590 <= int(refused["Retry-After"]) <= 3600
    assert sign_in(cast.olga).get(url).status_code == 200


def test_many_people_at_once_are_refused_as_one_is(cast: Cast):
    with tenant(cast.acme):
        sam = NewMember(email="sam@acme.example", given_name="Sam", facts={"employee_id": "E1"})
        (entered,) = enter_members(people=[sam], by=cast.cora)
        same_id = replace(sam, email="other@acme.example")
        with pytest.raises(EmployeeIdTaken):
            enter_members(people=[same_id], by=cast.cora)
        with pytest.raises(AlreadyHere):
            enter_members(people=[replace(sam, facts={})], by=cast.cora)
        with pytest.raises(EmployeeIdTaken):
            update_work_facts(changes={cast.petra: {"employee_id": "E1"}}, by=cast.cora)
        with pytest.raises(OwnManager):
            update_work_facts(changes={entered: {"manager_id": entered.pk}}, by=cast.cora)
        assert not Member.objects.filter(email="other@acme.example").exists()


@pytest.mark.parametrize("accent", ACCENTS, ids=lambda accent: accent.name)
def test_every_accent_is_readable_on_every_ground(accent):
    assert weakest_contrast(accent) >= ENOUGH


def test_contrast_agrees_with_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["Acme", "new", "API", "日本", "-", "a" * 120])
def test_an_organisation_always_finds_an_address(cast: Cast, name: str):
    user = make_user("founder@else.example")
    owner = organisations.create_organisation(name=name, user=user, given_name="F", family_name="")
    slug = owner.organisation.slug
    assert slug not in organisations.RESERVED_SLUGS
    assert Organisation.objects.filter(slug=slug).count() == 1
    assert sign_in(owner).get(f"/o/{slug}/me/").status_code == 200


def test_who_has_no_organisation_is_told_what_to_do_and_opens_one(db):
    from django.test import Client

    browser = Client()
    browser.force_login(make_user("alone@else.example"))
    assert "in no organisation yet" in browser.get("/organisations/").content.decode()
    answer = browser.post(
        "/organisations/new/",
        {
            "organisation_name": "Alone",
            "given_name": "A",
            "family_name": "B",
            "time_zone": "Asia/Tokyo",
        },
    )
    assert answer.headers["Location"] == "/o/alone/"
    assert browser.get("/organisations/").headers["Location"] == "/o/alone/"
    assert "Alone" in browser.get("/organisations/?choose").content.decode()


def test_an_address_is_sought_only_where_the_address_is_taken(cast: Cast):
    user = make_user("founder@else.example")
    founder = {"user": user, "given_name": "F", "family_name": ""}
    first = organisations.create_organisation(name="First", **founder)
    Organisation.objects.create(id=first.organisation.pk + 1, slug="elsewhere", name="Elsewhere")
    with pytest.raises(IntegrityError) as refused:
        organisations.create_organisation(name="Second", **founder)
    assert violated(refused.value).endswith("_pkey")
    assert not Organisation.objects.filter(slug__startswith="second").exists()


def test_settings_that_stay_as_they_are_leave_no_trace(cast: Cast):
    fields = (
        *("time_zone", "accent", "video_template", "threshold", "retention_days"),
        *("idle_minutes", "asks_second_step", "week_starts_on"),
        "own_facts",
    )
    with tenant(cast.acme):
        chosen = settings_in_force()
        said = {"name": "Acme"} | {name: getattr(chosen, name) for name in fields}
        assert organisations.update_organisation(by=cast.olga, **said) == chosen
        assert not AuditEvent.objects.filter(verb="organisation.changed").exists()

        said |= {"name": "Acme & Co", "threshold": 7}
        assert organisations.update_organisation(by=cast.olga, **said).threshold == 7
        event = AuditEvent.objects.get(verb="organisation.changed")
        assert event.details == {
            "changed": ["name", "threshold"],
            "changes": {"name": ["Acme", "Acme & Co"], "threshold": [5, 7]},
        }
    assert Organisation.objects.get(pk=cast.acme.pk).name == "Acme & Co"


def test_two_who_change_one_person_lose_nothing(cast: Cast):
    url = reverse("accounts:edit_member", args=["acme", cast.petra.pk])
    browser = sign_in(cast.cora)
    form = browser.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed["version"] = form.stored_version()
    with tenant(cast.acme):
        accounts_people.update_member(
            member=cast.petra,
            by=cast.olga,
            department="Tide",
            languages=["Czech", "Greek"],
            manager=cast.olga,
        )
    assert browser.post(url, {**typed, "team": "Quay"}).status_code == 302
    with tenant(cast.acme):
        petra = Member.objects.get(pk=cast.petra.pk)
    assert (petra.team, petra.department) == ("Quay", "Tide")
    assert (petra.languages, petra.manager_id) == (["Czech", "Greek"], cast.olga.pk)
    refused = browser.post(url, {**typed, "department": "Harbour"})
    assert refused.status_code == 422


def test_who_was_entered_by_mistake_is_removed_and_the_trail_keeps_it(cast: Cast):
    ines = make_member(cast.acme, "Ines", live=False)
    with tenant(cast.acme):
        ines_id = ines.pk
        remove_member(member=ines, by=cast.cora)
        assert not Member.objects.filter(pk=ines.pk).exists()
        removed = AuditEvent.objects.get(verb="member.removed")
        assert (removed.target_id, removed.actor_id) == (ines_id, cast.cora.pk)


def test_who_has_come_in_is_not_removed(cast: Cast):
    with tenant(cast.acme):
        with pytest.raises(MemberInUse):
            remove_member(member=cast.petra, by=cast.cora)
        assert Member.objects.get(pk=cast.petra.pk).state == "live"


def test_who_was_invited_is_held_by_their_invitation_and_not_removed(cast: Cast):
    invitation = make_invitation(cast.cora)
    with tenant(cast.acme):
        with pytest.raises(MemberInUse):
            remove_member(member=invitation.member, by=cast.cora)
        assert Member.objects.get(pk=invitation.member_id).state == "invited"
        assert not AuditEvent.objects.filter(verb="member.removed").exists()
