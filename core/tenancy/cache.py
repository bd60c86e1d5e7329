"""The one helper that builds keys of cache, locks and rate limits: organisation first."""

from core.tenancy.context import current_organisation_id


def cache_key(*parts: object) -> str:
    """Return a key inside the organisation in force; raises NoTenant outside one."""
    return cache_key_of(current_organisation_id(), *parts)


def cache_key_of(organisation_id: int, *parts: object) -> str:
    """Return the same key where no transaction is open: in work that computes for minutes."""
    return ":".join(["o", str(organisation_id), *map(str, parts)])


def cache_key_by_slug(slug: str, *parts: object) -> str:
    """Return a key of the organisation of that slug, for links that open before any query."""
    return ":".join(["s", slug, *map(str, parts)])
