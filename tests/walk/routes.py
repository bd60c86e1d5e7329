"""Every address of Roundtable, found from its URL lists and filled from a world."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.ui.theme import theme_url
from tests.walk.world import World, signed

# Which row of a world stands for which part of an address.
ROWS = {
    "program_id": "program",
    "competency_id": "competency",
    "role_id": "meeting_role",
    "meeting_role_id": "meeting_role",
    "question_id": "question",
    "criterion_id": "criterion",
    "cohort_id": "cohort",
    "enrolment_id": "enrolment",
    "import_id": "import",
    "run_id": "run",
    "proposal_id": "proposal",
    "rule_id": "rule",
    "set_id": "criteria_set",
    "partnership_id": "partnership",
    "seat_id": "seat",
    "request_id": "request",
    "session_id": "session",
    "poll_id": "poll",
    "turn_id": "turn",
    "action_id": "action",
    "decision_id": "decision",
    "goal_id": "goal",
    "remark_id": "question_asked",
    "section_id": "section",
    "check_in_id": "check_in",
    "fit_id": "fit",
    "assessment_id": "assessment",
    "job_id": "job",
    "email_id": "email",
    "member_id": "member",
    "invitation_id": "invitation",
    "token_id": "token",
    "feed_id": "feed",
    "offer_id": "offer",
    "election_id": "election",
}


# REST has its own walk over its schema; allauth's pages theirs over its list of addresses
WALKED_ELSEWHERE = ("api/", "account/")
# Pages of a session that has been held.
HELD = {"feedback:rating", "sessions:correct_attendance"}
# Pages of a decision that nobody but its proposer has seen.
DRAFTED = {"agreements:edit_draft"}


@dataclass(frozen=True)
class Route:
    """One address: its full name and what it wants filled."""

    name: str
    pattern: str
    wants: tuple[str, ...]

    def url(self, organisation: str, filled: dict[str, Any]) -> str:
        values = {key: filled[key] for key in self.wants if key != "organisation"}
        if "organisation" in self.wants:
            values["organisation"] = organisation
        return reverse(self.name, kwargs=values)

    def __str__(self) -> str:
        return self.name


def routes() -> list[Route]:
    """Return every named route of ours, without those of third parties and static pages."""
    found: dict[str, Route] = {}
    for name, pattern, wants in _walk(get_resolver().url_patterns, (), "", ()):
        if not pattern.startswith(WALKED_ELSEWHERE):
            found.setdefault(name, Route(name, pattern, wants))
    return list(found.values())


def organisation_routes() -> list[Route]:
    """Return the routes below /o/<organisation>/."""
    return [route for route in routes() if "organisation" in route.wants]


def _walk(
    patterns: list[Any], spaces: tuple[str, ...], prefix: str, wants: tuple[str, ...]
) -> list[tuple[str, str, tuple[str, ...]]]:
    found = []
    for entry in patterns:
        here = f"{prefix}{entry.pattern}"
        named = (*wants, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            found += _walk(entry.url_patterns, inner, here, named)
        elif isinstance(entry, URLPattern):
            found.append((":".join([*spaces, entry.name or here]), here, named))
    return found


def filling(world: World, route: Route) -> dict[str, Any]:
    """Return what the route wants, from the rows of that world; KeyError names what is missing."""
    filled: dict[str, Any] = {}
    for want in route.wants:
        if route.name in HELD and want == "session_id":
            filled[want] = world.id_of("held_session")
        elif route.name in DRAFTED and want == "decision_id":
            filled[want] = world.id_of("drafted")
        elif want in ROWS:
            filled[want] = world.id_of(ROWS[want])
        elif want == "key" and route.name.startswith("metrics"):
            filled[want] = "session_completion"
        elif want in {"key", "secret"}:
            kind = "calendar" if "calendar" in route.pattern else "invitation"
            filled[want] = world.secrets[kind]
        elif want == "token":
            filled[want] = _signed_token(world, route)
        elif want == "hash":
            filled[want] = theme_url(world.organisation.slug, "teal").split(".")[-2]
        elif want != "organisation":
            raise KeyError(f"the walk cannot fill {want!r} of {route.name}")
    return filled


def _signed_token(world: World, route: Route) -> str:
    purpose = route.pattern.split("/")[1]
    row = {
        "check-in": "check_in",
        "rating": "held_session",
        "room": "session",
        "turn": "offer",
        "assessment": "assessment",
        "fit": "fit",
        "request": "request",
        "rsvp": "session",
        "times": "poll",
        "unsubscribe": "email",
        "vote": "decision",
    }[purpose]
    return signed(world, purpose, row)


def unknown(route: Route, filled: dict[str, Any]) -> dict[str, Any]:
    """Return the same filling with ids that nobody has."""
    return {
        key: uuid.uuid4() if isinstance(value, uuid.UUID) else value
        for key, value in filled.items()
    }
