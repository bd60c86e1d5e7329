"""REST under one wall: the token has opened the organisation, views ask for a permission."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core.common.errors import DomainError
from core.common.pages import BadCursor, read_cursor, write_cursor
from core.common.problems import problem
from core.members.models import ApiToken, Member
from core.members.permissions import OF_THE_ORGANISATION, Permission, can
from core.tenancy.models import Tombstone
from core.tenancy.queries import told_since, tombstones_of, unseen_since

if TYPE_CHECKING:
    from rest_framework.views import APIView

Row = TypeVar("Row", bound=Model)
NON_FIELD = "non_field_errors"  # what is wrong with the whole, as the framework calls it


class TokenAuthentication(BaseAuthentication):
    """Copies what TokenMiddleware has found: the member is who acts, the token what it may."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        token = getattr(request._request, "token", None)
        return None if token is None else (token.member.user, token)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ScopePermission(BasePermission):
    """A token may what its scopes say and its member's role still allows."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed = getattr(view, "required_permission", None)
        if not isinstance(needed, Permission):
            raise TypeError(f"{type(view).__name__} names no required_permission")
        token = request.auth
        if not isinstance(token, ApiToken) or needed not in token.scopes:
            return False
        of_all = token.program_id is None or needed not in OF_THE_ORGANISATION
        return of_all and can(token.member, needed)


class KeysetPagination(BasePagination):
    """Pages by id: UUIDv7, so in the order in which rows were made.

    A cursor is signed for its list and organisation; any other is refused with 400.
    """

    PAGE_SIZE, MOST = 100, 500
    CURSOR, SIZE = "cursor", "page_size"
    PARTS = 1  # of a place
    next_url: str | None = None

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        scope = f"{queryset.model._meta.label}.{member_of(request).organisation_id}"
        size = self._size(request)
        place = self._place(request, scope)
        rows, beyond = self._page(queryset, place, size)
        if beyond is not None:
            url = replace_query_param(request.build_absolute_uri(), self.SIZE, str(size))
            url = remove_query_param(url, "changed_since")  # the cursor knows
            self.next_url = replace_query_param(url, self.CURSOR, write_cursor(scope, beyond))
        return rows

    def _page(
        self, rows: QuerySet[Any], place: list[Any] | None, size: int
    ) -> tuple[list[Any], list[Any] | None]:
        """Return the rows of a page, and the place where the next one goes on; None at the end."""
        if place is not None:
            rows = rows.filter(id__gt=_uuid(place[-1]))
        shown = list(rows.order_by("id")[: size + 1])
        more = [str(shown[size - 1].pk)] if len(shown) > size else None
        return shown[:size], more

    def _size(self, request: Request) -> int:
        text = request.query_params.get(self.SIZE, str(self.PAGE_SIZE))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= self.MOST):
            words = _("This has to be a whole number from 1 to %d.") % self.MOST
            raise exceptions.ValidationError({self.SIZE: [words]})
        return int(text[:9])

    def _place(self, request: Request, scope: str) -> list[Any] | None:
        text = request.query_params.get(self.CURSOR)
        if text is None:
            return None
        try:
            place = read_cursor(scope, text)
            if len(place) != self.PARTS:
                raise BadCursor
            _uuid(place[-1])
        except BadCursor:
            words = _("This list has not given out that cursor. Start again without one.")
            raise exceptions.ValidationError({self.CURSOR: [words]}) from None
        return place

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_url, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = "The next page; null at the end."
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": "string", "nullable": True, "format": "uri", "description": link},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.MOST, "default": self.PAGE_SIZE}
        return [
            {
                "name": self.CURSOR,
                "in": "query",
                "required": False,
                "description": "Where the page begins, as `next` of the page before says it.",
                "schema": {"type": "string"},
            },
            {
                "name": self.SIZE,
                "in": "query",
                "required": False,
                "description": f"Rows on a page: {self.PAGE_SIZE} unless it says more or fewer.",
                "schema": size,
            },
        ]


class PullAgain(exceptions.APIException):
    """So far back not every deletion is known any more."""

    status_code = 410
    default_code = "pull_again"
    default_detail = gettext_lazy(
        "That is more than %(days)s days ago: fetch all again, without it."
    ) % {"days": Tombstone.KEPT.days}


class PullPagination(KeysetPagination):
    """Pages of a pull: of all rows by id, or of what has changed by when it was written.

    The first page settles until when is read, and every page says it: `next_changed_since` is
    what the next pull begins with.  Rows that are written meanwhile are in the next pull, since
    they are stamped later than that; what was deleted is named in its place, by its id.
    """

    SINCE = "changed_since"
    PARTS = 4  # since when, until when, and of the last row its stamp and id
    deleted: list[str]
    until: datetime

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.deleted = []
        self.since = getattr(view, "changed_since", None)
        return super().paginate_queryset(queryset, request, view)

    def _page(
        self, rows: QuerySet[Any], place: list[Any] | None, size: int
    ) -> tuple[list[Any], list[Any] | None]:
        since, stamp = self.since, None
        if place is None:
            self.until = unseen_since()
        else:
            since, stamp = (_instant(part) if part else None for part in (place[0], place[2]))
            self.until = _instant(place[1])
        if since is not None and since < told_since():
            raise PullAgain
        span = [since.isoformat() if since else "", self.until.isoformat()]
        if since is None:
            shown, more = super()._page(rows, place, size)
            return shown, [*span, "", *more] if more else None
        window = Q(stamped_at__gte=since, stamped_at__lt=self.until)
        if stamp is not None and place is not None:
            window &= Q(stamped_at__gt=stamp) | Q(stamped_at=stamp, id__gt=_uuid(place[-1]))
        return self._changed(rows, window, span, size)

    def _changed(
        self, rows: QuerySet[Any], window: Q, span: list[str], size: int
    ) -> tuple[list[Any], list[Any] | None]:
        """Return a page of what was written and what was deleted, in one order."""
        gone = tombstones_of(rows.model)
        both = [
            row
            for kind in (rows, gone)
            for row in kind.filter(window).order_by("stamped_at", "id")[: size + 1]
        ]
        both.sort(key=lambda row: (row.stamped_at, row.pk))
        page, last = both[:size], both[size - 1 : size]
        self.deleted = [str(row.pk) for row in page if isinstance(row, Tombstone)]
        more = [*span, last[0].stamped_at.isoformat(), str(last[0].pk)] if both[size:] else None
        return [row for row in page if not isinstance(row, Tombstone)], more

    def get_paginated_response(self, data: Any) -> Response:
        body = {
            "next": self.next_url,
            "next_changed_since": self.until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "deleted": self.deleted,
            "results": data,
        }
        # of what is said, not of when: who has the same rows keeps the earlier instant, and cursor
        same = json.dumps([bool(self.next_url), self.deleted, data], cls=JSONEncoder).encode()
        return Response(body, headers={"ETag": quote_etag(sha256(same).hexdigest()[:32])})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["next", "next_changed_since", "deleted", "results"]
        page["properties"]["next_changed_since"] = {
            "type": "string",
            "format": "date-time",
            "description": "With what `changed_since` the next pull goes on where this one ends.",
        }
        page["properties"]["deleted"] = {
            "type": "array",
            "items": {"type": "string", "format": "uuid"},
            "description": "Ids of rows that were deleted since `changed_since`.",
        }
        return page

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        since = {
            "name": self.SINCE,
            "in": "query",
            "required": False,
            "description": "Only what was written or deleted from this instant on: give what"
            " `next_changed_since` of the last pull said, or an instant with its zone that is"
            f" no longer ago than {Tombstone.KEPT.days} days.",
            "schema": {"type": "string", "format": "date-time"},
        }
        return [*super().get_schema_operation_parameters(view), since]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadCursor from error


class FileRenderer(BaseRenderer):
    """Says which media type a file has; views stream it, and refusals are problems."""

    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return f"{data['name']}\r\n".encode()  # to OPTIONS: what is no stream, and no problem


class CsvRenderer(FileRenderer):
    media_type, format = "text/csv", "csv"


class JsonLinesRenderer(FileRenderer):
    media_type, format = "application/x-ndjson", "jsonl"


def token_of(request: Request) -> ApiToken:
    if not isinstance(request.auth, ApiToken):
        raise exceptions.NotAuthenticated
    return request.auth


def member_of(request: Request) -> Member:
    member: Member = token_of(request).member
    return member


def answer_refusal(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Answer every refusal as a problem (RFC 9457), whatever media type was asked for.

    A rule's refusal has its own status; what cannot be read is 400 and names each field in
    `fields`; the rest keeps the framework's status.
    """
    from rest_framework.views import exception_handler, set_rollback

    if isinstance(error, DomainError):
        set_rollback()
        return problem(error.status, error.code, str(error))
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        words, detail = _("Some of this cannot be read."), error.detail
        fields = dict(_by_path(detail if isinstance(detail, dict) else {NON_FIELD: detail}))
        refusal = problem(answer.status_code, "invalid", words, fields=fields)
    else:  # a Django error has become one of the framework's: its only sentence knows its code
        detail = answer.data["detail"]
        refusal = problem(answer.status_code, detail.code, detail)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if answer.has_header(name):
            refusal[name] = answer[name]
    return refusal


def _by_path(detail: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Name what is wrong inside lists and objects by its path, as in `people.3.email`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _by_path(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for at, inner in enumerate(detail):
            yield from _by_path(inner, f"{path}.{at}")
    else:
        yield path, detail if isinstance(detail, list) else [detail]


class MemberViewSetMixin:
    required_permission: ClassVar[Permission]
    lookup_field = "id"
    lookup_value_regex = "[0-9a-f-]{36}"
    request: Request

    @cached_property
    def member(self) -> Member:
        """Who asks; of an export, whoever it is set to."""
        return member_of(self.request)
