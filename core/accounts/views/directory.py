"""The organisation's directory: what it sends people with, and where to."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.accounts.forms import DirectoryTokenForm, GroupRoleForm
from core.accounts.operations import directory as operations
from core.accounts.operations.directory_groups import map_group
from core.accounts.queries import groups_with_people, roles_in
from core.accounts.views.answers import settings_tabs
from core.accounts.views.sign_in import confirmed
from core.members.limits import spend
from core.members.links import absolute
from core.members.models import DirectoryGroup, DirectoryToken
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import form_page


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def directory(request: MemberRequest) -> HttpResponse:
    """Tokens of the directory; a form makes one, the button of one a new secret for it."""
    form = DirectoryTokenForm(request.POST or None, initial={"name": request.GET.get("name")})
    made = secret = None
    if form.is_valid():
        spend(request.member, "token")
        made, secret = operations.create_directory_token(by=request.member, **form.cleaned_data)
        form = DirectoryTokenForm()
    return _page(request, form, made, secret)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def rotate_directory_token(request: MemberRequest, directory_token_id: UUID) -> HttpResponse:
    """A new secret on POST; who comes back from confirming presses the button again."""
    token = _token(request, directory_token_id)
    if request.method != "POST":
        return redirect("accounts:directory", request.member.organisation.slug)
    spend(request.member, "token")
    made, secret = operations.rotate_directory_token(token=token, by=request.member)
    return _page(request, DirectoryTokenForm(), made, secret)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def revoke_directory_token(request: MemberRequest, directory_token_id: UUID) -> HttpResponse:
    token = _token(request, directory_token_id)
    operations.revoke_directory_token(token=token, by=request.member)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("accounts:directory", request.member.organisation.slug)


@never_cache
@require_http_methods(["GET", "POST"])
@member_view(Permission.SETTINGS_MANAGE)
@confirmed
def directory_group(request: MemberRequest, directory_group_id: UUID) -> HttpResponse:
    """Say which role a group gives, with who is in it now."""
    rows = DirectoryGroup.objects.visible_to(request.member)
    group = get_object_or_404(rows, id=directory_group_id)
    form = GroupRoleForm(request.POST or None, by=request.member, initial={"role": group.role})
    if form.is_valid():
        number = map_group(group=group, by=request.member, **form.cleaned_data)
        words = ngettext(
            "Saved. %(number)s person has another role now.",
            "Saved. %(number)s people have another role now.",
            number,
        )
        messages.success(request, words % {"number": number})
        return redirect("accounts:directory", request.member.organisation.slug)
    context = {"group": group, "roles": roles_in(group)}
    return form_page(request, "accounts/directory_group.html", form, context)


def _token(request: MemberRequest, token_id: UUID) -> DirectoryToken:
    return get_object_or_404(DirectoryToken.objects.visible_to(request.member), id=token_id)


def _page(
    request: MemberRequest,
    form: DirectoryTokenForm,
    made: DirectoryToken | None,
    secret: str | None,
) -> HttpResponse:
    slug = request.member.organisation.slug
    context = {
        "tabs": settings_tabs(request.member, "accounts:directory"),
        "rows": DirectoryToken.objects.visible_to(request.member).order_by("-id")[:100],
        "groups": groups_with_people(request.member),
        "base": absolute(f"/scim/v2/{slug}"),
        "made": made,
        "secret": secret,
    }
    return form_page(request, "accounts/directory.html", form, context)
