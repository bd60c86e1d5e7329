"""Planted faults of who may: each is found by a walk, or by a test that runs without it too.

Rules of rows are planted in test_sight.py and gaps of the database in tests/core/tenancy; here are
permissions, delegation, keys, tokens, signed links and what browsers may keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.accounts.operations import addresses, invitations, keys, people
from core.jobs.models import Job
from core.members import edge, links, permissions, requests
from core.members.keys import hashed
from core.members.models import Key, Member, MemberQuerySet
from core.members.permissions import ROLE_PERMISSIONS, Permission
from core.members.rest import ScopePermission
from core.tenancy.context import look_as, tenant
from core.tenancy.models import Organisation
from mentoring.resources import router
from pairing.models.partnerships import PartnershipQuerySet
from programs.models import programs
from tests.api import test_access, test_api
from tests.cast import Cast, sign_in
from tests.core.accounts import test_invitations, test_people
from tests.core.members import test_links, test_links_answer
from tests.figures import Figure
from tests.guards import test_rules
from tests.walk.conftest import worlds
from tests.walk.doors import ROUTES, as_lines, knock, knockers
from tests.walk.inside import SHAPES, kept_worded
from tests.walk.leaving import Left, kept_left
from tests.walk.routes import filling
from tests.walk.test_two_tenants import look_for_acme
from tests.walk.world import World, Worlds

__all__ = ["worlds"]

SUBJECT = "planted isolation faults: permissions"
Patch = pytest.MonkeyPatch
Counter = Callable[..., Figure]


def pattern_of(name: str) -> URLPattern:
    """Return the entry in the URL lists that has this full name."""
    space, _colon, short = name.rpartition(":")
    waiting: list[tuple[str, Any]] = [("", entry) for entry in get_resolver().url_patterns]
    while waiting:
        inside, entry = waiting.pop()
        if isinstance(entry, URLResolver):
            here = entry.namespace or inside
            waiting += [(here, below) for below in entry.url_patterns]
        elif (inside, entry.name) == (space, short):
            return entry
    raise KeyError(name)


def asks(patch: Patch, name: str, permission: Permission | None) -> None:
    """Have one page ask for another permission than it names, or for none."""
    entry = pattern_of(name)
    view, can = entry.callback, permissions.can

    def instead(member: Member, _asked: Permission) -> bool:
        return permission is None or can(member, permission)

    def planted(request: Any, **kwargs: Any) -> Any:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(requests, "can", instead)
            return view(request, **kwargs)

    patch.setattr(entry, "callback", planted)


def gives(patch: Patch, role: str, permission: Permission) -> None:
    patch.setitem(ROLE_PERMISSIONS, role, ROLE_PERMISSIONS[role] | {permission})


def lets_in(patch: Patch, *, signed_in: bool) -> None:
    """Have whoever comes be let in as an owner: strangers, or also who has not signed in."""
    call = requests.OrganisationMiddleware.__call__

    def planted(self: Any, request: Any) -> HttpResponse:
        if request.user.is_authenticated is not signed_in:
            return call(self, request)
        organisation = Organisation.objects.get(slug=request.path_info.split("/")[2])
        with tenant(organisation):
            rows = Member.objects.select_related("organisation", "user")
            owner = rows.filter(role=Member.Role.OWNER, state=Member.State.LIVE)[0]
            look_as(owner.pk)
            return self._answer(request, owner)

    patch.setattr(requests.OrganisationMiddleware, "__call__", planted)


def all_of(rows: Any, _member: Member) -> Any:
    return rows.all()


def yes(*_arguments: Any, **_named: Any) -> bool:
    return True


# ── found by who gets in where ──────────────────────────────────────────────────────────

DOORS: dict[str, tuple[Callable[[Patch], None], tuple[str, ...]]] = {
    "every permission is everybody's": (
        lambda patch: patch.setattr(requests, "can", yes),
        ("accounts:people", "accounts:settings"),
    ),
    "a list asks for no permission": (
        lambda patch: asks(patch, "accounts:people", None),
        ("accounts:people",),
    ),
    "an export asks for no permission": (
        lambda patch: asks(patch, "accounts:export_people", None),
        ("accounts:export_people",),
    ),
    "the audit trail asks for no permission": (
        lambda patch: asks(patch, "accounts:audit", None),
        ("accounts:audit",),
    ),
    "an act asks for no permission": (
        lambda patch: asks(patch, "accounts:change_role", None),
        ("accounts:change_role",),
    ),
    "erasing asks for too little": (
        lambda patch: asks(patch, "privacy:erase", Permission.PEOPLE_MANAGE),
        ("privacy:erase",),
    ),
    "inviting asks for too little": (
        lambda patch: asks(patch, "accounts:invite", Permission.FACTS_READ),
        ("accounts:invite",),
    ),
    "matching asks for too little": (
        lambda patch: asks(patch, "pairing:matching", Permission.FACTS_READ),
        ("pairing:matching",),
    ),
    "figures ask for too little": (
        lambda patch: asks(patch, "metrics:report_csv", Permission.TAKE_PART),
        ("metrics:report_csv",),
    ),
    "participants read people": (
        lambda patch: gives(patch, Member.Role.PARTICIPANT, Permission.PEOPLE_READ),
        ("accounts:people",),
    ),
    "HR runs programs": (
        lambda patch: gives(patch, Member.Role.HR, Permission.PROGRAMS_MANAGE),
        ("programs:new_program",),
    ),
    "coordinators have the owner's settings": (
        lambda patch: gives(patch, Member.Role.COORDINATOR, Permission.SETTINGS_MANAGE),
        ("accounts:settings",),
    ),
    "who has left is live": (
        lambda patch: patch.setattr(MemberQuerySet, "live", lambda rows: rows.all()),
        ("accounts:me",),
    ),
    "a stranger is let in": (
        lambda patch: lets_in(patch, signed_in=True),
        ("accounts:me",),
    ),
    "who has not signed in is let in": (
        lambda patch: lets_in(patch, signed_in=False),
        ("accounts:me",),
    ),
    "strangers are told that an organisation is there": (
        lambda patch: patch.setattr(requests, "not_found", lambda _r: HttpResponse(status=403)),
        ("accounts:me",),
    ),
    "every coordinator runs every program": (
        lambda patch: patch.setattr(programs, "runs_all_programs", yes),
        ("programs:program",),
    ),
    "every partnership is everybody's": (
        lambda patch: patch.setattr(PartnershipQuerySet, "visible_to", all_of),
        ("pairing:partnership",),
    ),
    "every job is everybody's": (
        lambda patch: patch.setattr(type(Job.objects.all()), "visible_to", all_of),
        ("jobs:job", "jobs:cancel_job"),
    ),
}


@pytest.fixture
def left(db: None) -> Left:
    return kept_left()


@pytest.mark.slow
@pytest.mark.parametrize("plant", DOORS)
def test_the_doors_tell(left: Left, plant: str, figure: Counter, monkeypatch: Patch):
    make, names = DOORS[plant]
    counted, members = figure(SUBJECT, planted=True), knockers(left)
    counted.tried += 1
    few = [ROUTES[name] for name in names]
    before = as_lines(knock(left, members, few))
    with monkeypatch.context() as patch:
        make(patch)
        after = as_lines(knock(left, members, few))
    assert before != after
    counted.found += 1
    assert as_lines(knock(left, members, few)) == before


# ── found by a rule's own test ──────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Planted:
    """A fault, and the test that must fail with it and pass without."""

    make: Callable[[Patch], None]
    find: Callable[[Any], None]


def any_key(_kind: Key.Kind, secret: str) -> Key | None:
    """Find a key also when it has run out or was revoked."""
    return Key.objects.select_related("organisation").filter(sha256=hashed(secret)).first()


def _members_api() -> Any:
    return next(viewset for prefix, viewset, _name in router.registry if prefix == "members")


def _plants_of_people() -> dict[str, Planted]:
    everything = list(Member.Role.values)
    every_scope = list(Permission)
    return {
        "an inviter gives any role": Planted(
            lambda patch: patch.setattr(invitations, "grantable_roles", lambda _by: everything),
            test_invitations.test_nobody_invites_to_a_role_above_their_own,
        ),
        "an invitation above one's own is taken back": Planted(
            lambda patch: patch.setattr(invitations, "grantable_roles", lambda _by: everything),
            test_invitations.test_nobody_takes_back_the_invitation_of_a_role_above_their_own,
        ),
        "people raise themselves": Planted(
            lambda patch: patch.setattr(people, "grantable_roles", lambda _by: everything),
            test_people.test_nobody_raises_themselves_or_touches_who_is_above,
        ),
        "people remove who is above": Planted(
            lambda patch: patch.setattr(people, "is_below", yes),
            test_people.test_nobody_raises_themselves_or_touches_who_is_above,
        ),
        "people name the mailbox of who is above": Planted(
            lambda patch: patch.setattr(addresses, "is_below", yes),
            lambda cast: test_people.test_nobody_names_the_mailbox_of_who_may_as_much(
                cast, "owner", "live"
            ),
        ),
        "who is invited back runs all programs": Planted(
            lambda patch: patch.setattr(invitations, "runs_all_programs", yes),
            test_people.test_who_is_invited_back_runs_no_more_than_who_invites_them,
        ),
        "a token does more than its maker": Planted(
            lambda patch: patch.setattr(keys, "token_scopes_of", lambda _by: every_scope),
            test_people.test_a_token_does_no_more_than_its_maker_may,
        ),
        "the API does not look at scopes": Planted(
            lambda patch: patch.setattr(ScopePermission, "has_permission", yes),
            lambda cast: test_api.test_a_token_without_the_scope_is_refused(
                cast, "/api/v1/enrolments/"
            ),
        ),
        "an API view asks for the wrong scope": Planted(
            lambda patch: patch.setattr(
                _members_api(), "required_permission", Permission.FIGURES_READ
            ),
            lambda _cast: test_access.test_rest_has_the_resources_and_fields_of_the_table(),
        ),
        "tokens that have run out or were revoked open the API": Planted(
            lambda patch: patch.setattr(requests, "find_key", any_key),
            lambda cast: test_api.test_without_a_good_token_there_is_one_answer(
                cast, "/api/v1/figures.csv"
            ),
        ),
        "a page below an organisation asks nobody": Planted(
            lambda patch: patch.setattr(
                pattern_of("accounts:people"), "callback", lambda _request: HttpResponse()
            ),
            lambda _cast: test_rules.test_every_page_below_an_organisation_names_its_permission(),
        ),
        "answers may be kept": Planted(
            lambda patch: patch.setattr(edge, "NOT_KEPT", "private"),
            lambda cast: _is_not_kept(cast),
        ),
        "a form takes what another site sends": Planted(
            lambda patch: patch.setattr(
                pattern_of("accounts:invite").callback, "csrf_exempt", True, raising=False
            ),
            lambda cast: _refuses_another_site(cast),
        ),
    }


def _is_not_kept(cast: Cast) -> None:
    answer = sign_in(cast.olga).get("/o/acme/people/")
    assert "no-store" in answer["Cache-Control"]


def _refuses_another_site(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = sign_in(cast.olga).cookies
    assert browser.post("/o/acme/people/invite/", {"email": "x@acme.example"}).status_code == 403


PEOPLE = _plants_of_people()


@pytest.mark.parametrize("plant", PEOPLE)
def test_a_rule_s_own_test_tells(cast: Cast, plant: str, figure: Counter, monkeypatch: Patch):
    counted = figure(SUBJECT, planted=True)
    counted.tried += 1
    planted = PEOPLE[plant]
    with monkeypatch.context() as patch:
        planted.make(patch)
        assert fails(lambda: planted.find(deepcopy(cast)))
    assert not fails(lambda: planted.find(deepcopy(cast)))
    counted.found += 1


def fails(find: Callable[[], None]) -> bool:
    """Say whether a test finds something; what it has written is undone."""
    try:
        with transaction.atomic():
            find()
            transaction.set_rollback(True)
    except (Exception, pytest.fail.Exception):  # whatever it stops at, it does not pass
        return True
    return False


# ── found by what signed links show ─────────────────────────────────────────────────────


def _opens_another_door(acme: World) -> None:
    """A link to answer a check-in is none to the place of a session."""
    check_in, rsvp = (test_links_answer.SIGNED[purpose] for purpose in ("check-in", "rsvp"))
    token = filling(acme, check_in)["token"]
    assert links.read_link("rsvp", token, max_age=timedelta(days=1)) is None
    assert Client().get(rsvp.url("", {"token": token})).status_code == 404


class _OfEveryPurpose(links._Signer):
    def __init__(self, _purpose: str, at: datetime) -> None:
        super().__init__("any", at)


def _writes(request: Any, response: HttpResponse) -> HttpResponse:
    Member.objects.update(department="seen")
    return response


LINKS: dict[str, Planted] = {
    "a signed link reads": Planted(
        lambda patch: patch.setattr("feedback.surveys.base.is_theirs", yes),
        lambda w: test_links_answer.test_what_was_answered_is_read_in_that_sitting_or_signed_in(
            w.acme, "check-in"
        ),
    ),
    "links live on when their person has left": Planted(
        lambda patch: patch.setattr(links, "_is_dead", lambda _link, _member: False),
        test_links.test_all_die_when_the_person_leaves_also_for_who_is_back,
    ),
    "a link opens every door": Planted(
        lambda patch: patch.setattr(links, "_Signer", _OfEveryPurpose),
        lambda w: _opens_another_door(w.acme),
    ),
    "looking writes": Planted(
        lambda patch: patch.setattr(links, "kept_or_undone", _writes),
        test_links.test_whoever_only_looks_changes_nothing,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("plant", LINKS)
def test_what_links_show_tells(worlds: Worlds, plant: str, figure: Counter, monkeypatch: Patch):
    counted = figure(SUBJECT, planted=True)
    counted.tried += 1
    with monkeypatch.context() as patch:
        LINKS[plant].make(patch)
        assert fails(lambda: LINKS[plant].find(worlds))
    assert not fails(lambda: LINKS[plant].find(worlds))
    counted.found += 1


# ── found by the words inside JSON ──────────────────────────────────────────────────────


def shows(patch: Patch, name: str, text: str) -> None:
    """Have one page show a text below its own."""
    entry = pattern_of(name)
    view = entry.callback

    def planted(request: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = view(request, **kwargs)
        answer.content = answer.content + text.encode()
        return answer

    patch.setattr(entry, "callback", planted)


@pytest.mark.slow
def test_another_organisation_s_json_tells_column_by_column(
    db: None, figure: Counter, monkeypatch: Patch
):
    worlds, counted = kept_worded(), figure("planted leaks of JSON", planted=True)
    routes, acme = [ROUTES["accounts:me"]], worlds.acme
    look_for_acme(worlds, routes, Figure("before"))
    for label in SHAPES:
        counted.tried += 1
        table, column = label.rsplit(".", 1)
        with tenant(acme.organisation, member=acme.participant.pk):
            rows = apps.get_model(table)._base_manager.values_list(column, flat=True)
            text = json.dumps(list(rows), ensure_ascii=False)
        with monkeypatch.context() as patch:
            shows(patch, "accounts:me", text)
            with pytest.raises(AssertionError, match="accounts:me"):
                look_for_acme(worlds, routes, Figure("planted"))
        counted.found += 1
    assert counted.tried > 20


def test_a_view_that_reaches_rows_past_its_rule_is_found(tmp_path: Path, figure: Counter):
    counted = figure(SUBJECT, planted=True)
    counted.tried += 1
    file = tmp_path / "views.py"
    file.write_text("def view(request):\n    return Job.objects.filter(pk=1)\n")
    with pytest.raises(AssertionError, match="past visible_to"):
        test_rules.test_views_and_resources_reach_rows_by_visible_to_alone(file)
    counted.found += 1


def test_the_planted_are_many():
    assert len(DOORS) + len(PEOPLE) + len(LINKS) + 1 >= 30
