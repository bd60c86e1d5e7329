"""SCIM 2.0 below /scim/v2/<organisation>/: a directory's token opens its own organisation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.accounts.operations import directory, directory_groups
from core.accounts.operations.directory_groups import MembersChange
from core.accounts.queries import directory_token_of
from core.accounts.scim import groups, schemas, users
from core.accounts.scim.errors import (
    INVALID_FILTER,
    INVALID_SYNTAX,
    INVALID_VALUE,
    UNIQUENESS,
    ScimError,
)
from core.accounts.scim.queries import chosen_of
from core.common.errors import DomainError
from core.common.ids import ids_in
from core.members.keys import find_key
from core.members.limits import TooMany, spend, spend_of_address
from core.members.links import absolute
from core.members.models import DirectoryToken, Key, Member
from core.members.requests import kept_or_undone
from core.tenancy.context import tenant
from core.tenancy.queries import organisation_at


class ScimRequest(HttpRequest):
    """A request of a directory whose token has opened its organisation."""

    token: DirectoryToken
    base: str  # where this organisation's SCIM begins


Answer = tuple[int, Any]
ScimView = Callable[Concatenate[ScimRequest, ...], Answer]


def scim_view(**methods: ScimView) -> Callable[..., HttpResponse]:
    """Make a view that answers these methods (`get`, `post` …) to who has a directory's token."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @wraps(next(iter(methods.values())))
    def wrapped(request: ScimRequest, slug: str, **kwargs: Any) -> HttpResponse:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        key = find_key(Key.Kind.SCIM, secret.strip()) if scheme.casefold() == "bearer" else None
        if key is None or not _is_address_of(key, slug):
            return _unauthorised(request)
        view = methods.get(request.method.lower() if request.method else "")
        if view is None:
            return _written(405, _error(405, "This cannot be done here."))
        request.base = absolute(f"/scim/v2/{slug}")
        try:
            with tenant(key.organisation_id):
                request.token = directory_token_of(key)
                spend(request.token, "scim")
                return kept_or_undone(request, _written(*view(request, **kwargs)))
        except RecursionError:
            return _written(400, _error(400, "This is nested too deep.", INVALID_SYNTAX))
        except ScimError as error:  # outside the tenant: what was written is undone
            return _written(error.status, _error(error.status, error.detail, error.kind))
        except TooMany as error:
            return _too_many(error)
        except DomainError as error:
            return _written(409, _error(409, str(error), UNIQUENESS))

    return wrapped


def _is_address_of(key: Key, slug: str) -> bool:
    """Whether a token stands at its organisation's address, or at one it had until a year ago.

    Directories do not follow a redirect: they are answered where they ask.
    """
    return key.organisation.slug == slug or organisation_at(slug) == key.organisation


def _unauthorised(request: HttpRequest) -> HttpResponse:
    try:
        spend_of_address(request, "bad_secret")
    except TooMany as error:
        return _too_many(error)
    answer = _written(401, _error(401, "A valid token is needed."))
    answer["WWW-Authenticate"] = 'Bearer realm="scim"'
    return answer


def _too_many(error: TooMany) -> HttpResponse:
    answer = _written(429, _error(429, str(error)))
    answer["Retry-After"] = str(error.seconds)
    return answer


def _written(status: int, body: object) -> HttpResponse:
    content = "" if status == 204 else json.dumps(body)
    answer = HttpResponse(content, status=status, content_type="application/scim+json")
    if status == 201 and isinstance(body, Mapping):
        answer["Location"] = body["meta"]["location"]
    return answer


def _error(status: int, detail: str, kind: str = "") -> dict[str, Any]:
    error = {"schemas": [schemas.ERROR], "status": str(status), "detail": detail}
    return {**error, "scimType": kind} if kind else error


def _body(request: ScimRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ScimError("The body is not JSON.", kind=INVALID_SYNTAX) from None
    if not isinstance(body, dict):
        raise ScimError("The body is not an object.", kind=INVALID_SYNTAX)
    return body


def _list(resources: list[dict[str, Any]], total: int, start: int = 1) -> dict[str, Any]:
    return {
        "schemas": [schemas.LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


# ── what there is ──
def _config(request: ScimRequest) -> Answer:
    return 200, schemas.service_provider_config(request.base)


def _all_of(what: Callable[[str], list[dict[str, Any]]]) -> ScimView:
    def view(request: ScimRequest) -> Answer:
        if "filter" in request.GET:
            raise ScimError("This is not filtered.", status=403)
        resources = what(request.base)
        return 200, _list(resources, len(resources))

    return view


def _one_of(what: Callable[[str], list[dict[str, Any]]]) -> ScimView:
    def view(request: ScimRequest, name: str) -> Answer:
        found = {resource["id"]: resource for resource in what(request.base)}
        if name not in found:
            raise ScimError("There is none.", status=404)
        return 200, found[name]

    return view


def _nothing(request: ScimRequest, path: str) -> Answer:
    raise ScimError("There is none.", status=404)


# ── lists ──
@dataclass(frozen=True)
class _Resource:
    """One kind of what is listed: its rows by a filter, and how they are written."""

    rows: Callable[[str], QuerySet[Any]]
    as_json: Callable[[Sequence[Any], str], list[dict[str, Any]]]


_USERS = _Resource(
    lambda wanted: users.filtered(users.seen_by_directory(), wanted), users.all_as_json
)
_GROUPS = _Resource(groups.filtered, groups.as_json)


def _shown(request: ScimRequest, resource: _Resource, row: object) -> dict[str, Any]:
    wanted = request.GET.get("attributes", ""), request.GET.get("excludedAttributes", "")
    return chosen_of(resource.as_json([row], request.base)[0], *wanted)


def _number(wanted: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return min(int(wanted.get(name, default)), 2**31)
    except (TypeError, ValueError):
        raise ScimError(f"{name} is a number.", kind=INVALID_VALUE) from None


def _listed(*resources: _Resource) -> ScimView:
    def view(request: ScimRequest) -> Answer:
        return _page(request, resources, request.GET.dict())

    return view


def _searched(*resources: _Resource) -> ScimView:
    """The same by POST: filters may not stand in an address that a proxy logs."""

    def view(request: ScimRequest) -> Answer:
        wanted = _body(request)
        for name in ("attributes", "excludedAttributes"):
            names = wanted.get(name) or []
            wanted[name] = ",".join(map(str, names)) if isinstance(names, list) else ""
        return _page(request, resources, wanted)

    return view


def _page(
    request: ScimRequest, resources: Sequence[_Resource], wanted: Mapping[str, Any]
) -> Answer:
    """Return one page of these resources, one kind after the other."""
    start = max(_number(wanted, "startIndex", 1), 1)
    count = min(max(_number(wanted, "count", schemas.MOST_RESULTS), 0), schemas.MOST_RESULTS)
    shown = wanted.get("attributes", ""), wanted.get("excludedAttributes", "")
    total, page = 0, []
    for resource, rows in _filtered(resources, str(wanted.get("filter") or "")):
        first, last = max(start - 1 - total, 0), max(start - 1 + count - total, 0)
        total += rows.count()
        page += [
            chosen_of(row, *shown)
            for row in resource.as_json(list(rows.order_by("pk")[first:last]), request.base)
        ]
    return 200, _list(page, total, start)


def _filtered(resources: Sequence[_Resource], wanted: str) -> list[tuple[_Resource, QuerySet[Any]]]:
    """Return the rows of each kind that knows what the filter compares; raises if none does."""
    known = []
    for resource in resources:
        try:
            known.append((resource, resource.rows(wanted)))
        except ScimError:
            if len(resources) == 1:
                raise
    if not known:
        raise ScimError("Nothing here has what this filter compares.", kind=INVALID_FILTER)
    return known


# ── users ──
def _create_user(request: ScimRequest) -> Answer:
    member = directory.enter_person(token=request.token, **users.read_user(_body(request)))
    return 201, _shown(request, _USERS, member)


def _member(user_id: str) -> Member:
    member = users.seen_by_directory().filter(pk__in=ids_in([user_id])).first()
    if member is None:
        raise ScimError("There is nobody with this id.", status=404)
    return member


def _read_user(request: ScimRequest, user_id: str) -> Answer:
    return 200, _shown(request, _USERS, _member(user_id))


def _replace_user(request: ScimRequest, user_id: str) -> Answer:
    return _change(request, user_id, users.read_user)


def _patch_user(request: ScimRequest, user_id: str) -> Answer:
    return _change(request, user_id, users.read_patch)


def _change(
    request: ScimRequest, user_id: str, read: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Answer:
    member = _member(user_id)
    values = read(_body(request))
    member = directory.change_person(token=request.token, member=member, values=values)
    return 200, _shown(request, _USERS, member)


def _delete_user(request: ScimRequest, user_id: str) -> Answer:
    directory.remove_person(token=request.token, member=_member(user_id), delete=True)
    return 204, None


# ── groups ──
def _create_group(request: ScimRequest) -> Answer:
    columns, changes = groups.read_group(_body(request))
    group = directory_groups.enter_group(token=request.token, changes=changes, **columns)
    return 201, _shown(request, _GROUPS, group)


def _read_group(request: ScimRequest, group_id: str) -> Answer:
    return 200, _shown(request, _GROUPS, groups.with_id(group_id))


def _replace_group(request: ScimRequest, group_id: str) -> Answer:
    return _change_group(request, group_id, groups.read_group)


def _patch_group(request: ScimRequest, group_id: str) -> Answer:
    return _change_group(request, group_id, groups.read_patch)


def _change_group(
    request: ScimRequest,
    group_id: str,
    read: Callable[[Mapping[str, Any]], tuple[dict[str, str], list[MembersChange]]],
) -> Answer:
    group = groups.with_id(group_id)
    columns, changes = read(_body(request))
    group = directory_groups.change_group(
        token=request.token, group=group, changes=changes, **columns
    )
    return 200, _shown(request, _GROUPS, group)


def _delete_group(request: ScimRequest, group_id: str) -> Answer:
    directory_groups.remove_group(token=request.token, group=groups.with_id(group_id))
    return 204, None


service_provider_config = scim_view(get=_config)
all_schemas = scim_view(get=_all_of(schemas.schemas))
one_schema = scim_view(get=_one_of(schemas.schemas))
all_resource_types = scim_view(get=_all_of(schemas.resource_types))
one_resource_type = scim_view(get=_one_of(schemas.resource_types))
search_all = scim_view(post=_searched(_USERS, _GROUPS))
search_users = scim_view(post=_searched(_USERS))
search_groups = scim_view(post=_searched(_GROUPS))
all_users = scim_view(get=_listed(_USERS), post=_create_user)
one_user = scim_view(get=_read_user, put=_replace_user, patch=_patch_user, delete=_delete_user)
all_groups = scim_view(get=_listed(_GROUPS), post=_create_group)
one_group = scim_view(get=_read_group, put=_replace_group, patch=_patch_group, delete=_delete_group)
nothing = scim_view(get=_nothing, post=_nothing, put=_nothing, patch=_nothing, delete=_nothing)
