"""REST under one wall: the token has opened the organisation, views ask for a permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from core.common.errors import DomainError
from core.members.models import ApiToken, Member
from core.members.permissions import Permission, can

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
        return isinstance(token, ApiToken) and needed in token.scopes and can(token.member, needed)


class KeysetPagination(CursorPagination):
    """Cursor pages by id: UUIDv7, so in the order in which rows were made."""

    ordering = "id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500


def member_of(request: Request) -> Member:
    token = request.auth
    if not isinstance(token, ApiToken):
        raise exceptions.NotAuthenticated
    member: Member = token.member
    return member


def answer_refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal in one shape: `code` for programs, `detail` for people.

    A rule's refusal is 409; what cannot be read is 400 and names each field in `fields`; the
    rest keeps the framework's status.
    """
    from rest_framework.views import exception_handler, set_rollback

    if isinstance(error, DomainError):
        set_rollback()
        return Response({"code": error.code, "detail": str(error)}, status=status.HTTP_409_CONFLICT)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        answer.data = _invalid(error)
    else:  # a Django error has become one of the framework's: its only sentence knows its code
        detail = answer.data["detail"]
        answer.data = {"code": detail.code, "detail": detail}
    return answer


def _invalid(error: exceptions.ValidationError) -> dict[str, object]:
    detail = error.detail
    fields = detail if isinstance(detail, dict) else {NON_FIELD: detail}
    return {"code": "invalid", "detail": _("Some of this cannot be read."), "fields": fields}


class MemberViewSetMixin:
    required_permission: ClassVar[Permission]
    lookup_field = "id"
    lookup_value_regex = "[0-9a-f-]{36}"
    request: Request

    @property
    def member(self) -> Member:
        return member_of(self.request)
