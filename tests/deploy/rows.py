"""What a database holds and who may do what with it, to compare before and after."""

from __future__ import annotations

import psycopg
from psycopg import sql

TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
ROWS = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text COLLATE \"C\")) FROM {} t"
RIGHTS = """
SELECT 'table', relname, concat(relkind, relrowsecurity, relforcerowsecurity),
  pg_get_userbyid(relowner)::text, array(SELECT unnest(relacl)::text ORDER BY 1)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
UNION ALL
SELECT 'policy', tablename || '.' || policyname, permissive || cmd, roles::text,
  array[qual, with_check]
FROM pg_policies
UNION ALL
SELECT 'default', defaclobjtype::text, '', defaclrole::regrole::text, defaclacl::text[]
FROM pg_default_acl
UNION ALL
SELECT 'schema', nspname, '', pg_get_userbyid(nspowner),
  array(SELECT unnest(nspacl)::text ORDER BY 1)
FROM pg_namespace WHERE nspname = 'public'
"""


def rows_of(address: str) -> dict[str, tuple[int, str]]:
    """Return for each table how many rows it holds, and their digest."""
    with psycopg.connect(address) as server:
        tables = [name for (name,) in server.execute(TABLES)]
        return {
            name: server.execute(sql.SQL(ROWS).format(sql.Identifier(name))).fetchone()
            for name in sorted(tables)
        }


def rights_of(address: str) -> list[tuple[object, ...]]:
    """Return every grant, owner, policy and default privilege."""
    with psycopg.connect(address) as server:
        return sorted(server.execute(RIGHTS).fetchall(), key=str)
