"""Every address of Roundtable, found from its URL lists and filled from a world."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core.ui.theme import theme_url
from feedback.surveys.table import QUESTIONNAIRES
from tests.walk.world import LOGO_DIGEST, World, signed

# Which row of a world stands for which part of an address.
ROWS = {
    "program_id": "program",
    "competency_id": "competency",
    "objective_id": "objective",
    "companion_id": "companion",
    "role_id": "meeting_role",
    "meeting_role_id": "meeting_role",
    "question_id": "question",
    "step_id": "path_step",
    "workshop_id": "workshop",
    "lesson_version_id": "lesson_version",
    "lesson_file_id": "lesson_file",
    "criterion_id": "criterion",
    "cohort_id": "cohort",
    "enrolment_id": "enrolment",
    "import_id": "import",
    "record_import_id": "record_import",
    "file_id": "file",
    "run_id": "run",
    "proposal_id": "proposal",
    "rule_id": "rule",
    "set_id": "criteria_set",
    "partnership_id": "partnership",
    "seat_id": "seat",
    "request_id": "request",
    "announcement_id": "announcement",
    "thread_id": "thread",
    "post_id": "post",
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
    "concern_id": "concern",
    "handler_id": "handler",
    "survey_id": "built_survey",
    "assessment_id": "assessment",
    "certificate_id": "certificate",
    "entry_id": "journal_entry",
    "testimonial_id": "testimonial",
    "quote_id": "review_quote",
    "change_id": "review_change",
    "job_id": "job",
    "reader_id": "report_reader",
    "email_id": "email",
    "envelope_id": "envelope",
    "member_id": "member",
    "other_id": "twin",
    "merge_id": "merge",
    "invitation_id": "invitation",
    "segment_id": "segment",
    "token_id": "token",
    "join_domain_id": "join_domain",
    "directory_group_id": "directory_group",
    "directory_token_id": "directory_token",
    "webhook_id": "webhook",
    "endpoint_id": "webhook_endpoint",
    "message_id": "webhook_message",
    "feed_id": "feed",
    "offer_id": "offer",
    "election_id": "election",
    "about_id": "cohort",
    "person_id": "member",
}


# What an address names itself, and not a row.
WORDS = {
    "kind": "feedback.check_in",
    "case": "usual",
    "reason": "applications",
    "item_key": "q1",
    "exercise": "budget",
    "purpose": "privacy",
    "lesson_key": "listening",
    "logo": LOGO_DIGEST,
}

# REST and SCIM have their own; allauth's pages theirs over its list of addresses
WALKED_ELSEWHERE = ("api/", "account/", "scim/", "sso/")
# What some pages want another row of: a session that has been held, a decision that nobody but its
# proposer has seen, a program's webhook.
OF_THEIR_OWN = {
    ("sessions:correct_attendance", "session_id"): "held_session",
    ("agreements:edit_draft", "decision_id"): "drafted",
    ("feedback:meeting", "question_id"): "meeting",
    ("feedback:session_journal", "session_id"): "held_session",
    ("programs:candidacy", "cohort_id"): "selecting_cohort",
    ("programs:test_chat", "webhook_id"): "program_webhook",
    ("programs:remove_chat", "webhook_id"): "program_webhook",
}


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
        if other := OF_THEIR_OWN.get((route.name, want)):
            filled[want] = world.id_of(other)
        elif want == "response_id":  # of a survey of items: kept in the world by its name
            filled[want] = world.id_of(route.name.partition(":")[2])
        elif want in ROWS:
            filled[want] = world.id_of(ROWS[want])
        elif want == "scale_key":
            filled[want] = f"own-{world.id_of('own_scale').hex}"
        elif want == "key" and route.name.startswith("metrics"):
            filled[want] = "session_completion"
        elif want in WORDS:
            filled[want] = WORDS[want]
        elif want in {"key", "secret"}:
            kinds = {"calendar": "calendar", "certificate": "certificate", "c/": "concern"}
            start = (kinds[part] for part in kinds if route.pattern.startswith(part))
            kind = next(start, "invitation")
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
        **{row.name: row.name for row in QUESTIONNAIRES},
        "check-in": "check_in",
        "check-ins": "check_in",
        "manager": "candidacy",
        "meeting": "meeting",
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
