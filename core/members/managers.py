"""Whose manager is who, as far up as it leads."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

# UNION drops what it has seen, so that a ring of managers ends
ABOVE = """
WITH RECURSIVE line (id, manager_id, organisation_id) AS (
    SELECT id, manager_id, organisation_id FROM members_member WHERE id = ANY(%s)
    UNION
    SELECT m.id, m.manager_id, m.organisation_id FROM members_member m
    JOIN line ON m.id = line.manager_id AND m.organisation_id = line.organisation_id
)
SELECT id, manager_id FROM line
"""


def managers_above(people: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return the manager of each of these Members and of everybody above them; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [list(people)])
        return dict(cursor.fetchall())
