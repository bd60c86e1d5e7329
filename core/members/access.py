"""What a token opens: one table of resource, field, scope and role.

REST shows what stands here and nothing else, the form offers the scopes that open something, and
docs/api.md is held against it by a test.  Rows are narrowed by `visible_to` and `facts_for`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.members.permissions import ROLE_PERMISSIONS, Permission

FACTS, FIGURES, PEOPLE = Permission.FACTS_READ, Permission.FIGURES_READ, Permission.PEOPLE_READ
OUTCOMES, WEBHOOKS = Permission.OUTCOMES_MANAGE, Permission.WEBHOOKS_MANAGE


@dataclass(frozen=True)
class Resource:
    """What `scope` opens; a field that stands in `further` needs that scope besides."""

    scope: Permission
    fields: tuple[str, ...]
    further: Mapping[Permission, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_fields(self) -> tuple[str, ...]:
        return (*self.fields, *(name for names in self.further.values() for name in names))

    def closed_to(self, scopes: Iterable[str]) -> set[str]:
        """Return the fields that a token with these scopes is not shown."""
        closed = [names for scope, names in self.further.items() if scope not in set(scopes)]
        return {name for names in closed for name in names}


def _fields(names: str) -> tuple[str, ...]:
    return tuple(names.split())


RESOURCES: dict[str, Resource] = {
    "organisation": Resource(FACTS, _fields("slug name time_zone week_starts_on threshold")),
    "members": Resource(
        FACTS,
        _fields(
            "id given_name family_name role state department team job_title level location country"
            " time_zone languages hired_on live_at left_at changed_at"
        ),
        # the directory: by these a person is found elsewhere
        {PEOPLE: _fields("email employee_id manager")},
    ),
    "programs": Resource(
        FACTS,
        _fields(
            "id name format cadence_every cadence_unit session_minutes sessions_planned"
            " sessions_agreed check_in_weeks archived_at changed_at"
        ),
    ),
    "cohorts": Resource(
        FACTS,
        _fields(
            "id program name phase entry enrol_until starts_on ends_on length_days places"
            " places_taken changed_at"
        ),
    ),
    "enrolments": Resource(
        FACTS,
        _fields(
            "id cohort program member part state capacity applied_at accepted_at started_at"
            " ended_at paused_until changed_at"
        ),
    ),
    "partnerships": Resource(
        FACTS,
        _fields(
            "id cohort program name state members starts_on ends_on published_at ended_at"
            " end_reason changed_at"
        ),
    ),
    "seats": Resource(
        FACTS,
        _fields("id cohort partnership enrolment member part taken_at left_at changed_at"),
    ),
    "sessions": Resource(
        FACTS,
        _fields(
            "id partnership number starts_at duration_minutes day state cause held_at attendance"
            " turns changed_at"
        ),
    ),
    "attendance": Resource(FACTS, _fields("id session seat member kind changed_at")),
    "turns": Resource(FACTS, _fields("id session seat member role changed_at")),
    "decisions": Resource(
        FACTS,
        _fields(
            "id partnership number method state practice quorum window_days answered opened_at"
            " closes_at closed_at review_on changed_at"
        ),
    ),
    "goals": Resource(FACTS, _fields("id partnership shared state due_on settled_on changed_at")),
    "certificates": Resource(FACTS, _fields("id enrolment member issued_at revoked_at changed_at")),
    "check-ins": Resource(
        FACTS,
        _fields(
            "id seat member enrolment partnership cohort period opens_on due_on opened_at"
            " answered_at answered_on reminders changed_at"
        ),
    ),
    "survey-results": Resource(FIGURES, _fields("id survey cohort occasion items changed_at")),
    "outcomes": Resource(
        OUTCOMES,
        _fields(
            "id member known_on status left_on promoted_on in_role_since job_satisfaction level"
            " department location hired_on changed_at"
        ),
    ),
    "webhooks": Resource(
        WEBHOOKS,
        _fields(
            "id name host lists enabled problem failing_since stopped_at arrived_at"
            " former_secret_until made_by made_at"
        ),
    ),
    "webhook-deliveries": Resource(
        WEBHOOKS, _fields("id webhook type ids happened_at state arrived_at attempts")
    ),
    "definitions": Resource(
        FIGURES,
        _fields(
            "key name asks numerator denominator window unit missing people source parts method"
        ),
    ),
    "figures": Resource(
        FIGURES, _fields("cohort name program program_name phase starts_on ends_on as_of figures")
    ),
}
# the lists that are pulled by what has changed, of which webhooks tell
PULLED = tuple(name for name, row in RESOURCES.items() if "changed_at" in row.fields)


# what a scope lets a program write: by the path
WRITES: dict[str, Permission] = {
    "members/batch": Permission.PEOPLE_MANAGE,
    "outcomes/batch": Permission.OUTCOMES_MANAGE,
    "webhooks": Permission.WEBHOOKS_MANAGE,
    "webhook-deliveries": Permission.WEBHOOKS_MANAGE,
}


def roles_of(scope: Permission) -> list[str]:
    """Return the roles whose tokens may have a scope."""
    return [role for role, permissions in ROLE_PERMISSIONS.items() if scope in permissions]


def table() -> list[str]:
    """Return the table as Markdown, a line for each resource and scope: docs/api.md holds it."""
    lines = ["| resource | scope | roles | fields |", "| --- | --- | --- | --- |"]
    for name, row in RESOURCES.items():
        for scope, names in ((row.scope, row.fields), *row.further.items()):
            both = scope if scope == row.scope else f"{row.scope} + {scope}"
            roles = ", ".join(roles_of(scope))
            lines.append(f"| {name} | `{both}` | {roles} | {', '.join(names)} |")
    for name, scope in WRITES.items():
        roles = ", ".join(roles_of(scope))
        lines.append(f"| {name} | `{scope}` | {roles} | written, see below |")
    return lines
