"""Pages of concerns without a sign-in: raising one by the organisation's link, and its status.

No session is opened or read (core/members/edge.py takes its cookie away), nothing is written about
who asks, and the code of a concern stands in no address.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.members.keys import find_key
from core.members.models import Key
from core.members.requests import kept_or_undone
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from core.ui.pages import act, form_page
from feedback.concerns import operations, queries
from feedback.concerns.errors import ConcernClosed
from feedback.concerns.forms import CodeForm, CodeMessageForm, NamelessConcernForm
from feedback.models.concerns import ConcernDesk, ConcernFile

View = Callable[..., HttpResponse]
READ_AND_WRITE = ["GET", "HEAD", "POST"]


def _without_sign_in(view: View) -> View:
    @login_not_required
    @never_cache
    @sensitive_post_parameters("words", "code")
    @require_http_methods(READ_AND_WRITE)
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponse:
        return view(request, **kwargs)

    return wrapped


@_without_sign_in
def raise_nameless(request: HttpRequest, key: str) -> HttpResponse:
    """Raise a concern by the organisation's link; what is sent is answered by its code, once."""
    opened = find_key(Key.Kind.CONCERN, key)
    if opened is None:
        return _closed(request)
    with tenant(opened.organisation_id):
        desk = queries.desk_behind(opened)
        if desk is None:
            return _closed(request)
        with timezone.override(settings_in_force().time_zone):
            return kept_or_undone(request, _raise(request, desk))


def _raise(request: HttpRequest, desk: ConcernDesk) -> HttpResponse:
    handlers = queries.live_handlers()
    form = NamelessConcernForm(request.POST or None, handlers=handlers)
    context = {"desk": desk, "handlers": handlers, "organisation": desk.organisation}
    if form.is_valid():
        code = operations.raise_without_name(**form.cleaned_data)
        safety = form.cleaned_data["topic"] == "safety"
        context |= {"code": code, "safety": safety}
        return render(request, "feedback/concerns/sent.html", context)
    return form_page(request, "feedback/concerns/nameless.html", form, context)


@_without_sign_in
def status(request: HttpRequest) -> HttpResponse:
    """What has become of a concern, for whoever has its code; with words an answer as well."""
    form = CodeForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, "feedback/concerns/code.html", form)
    key = queries.key_of_code(form.cleaned_data["code"])
    if key is None:
        return _unknown(request, form)
    with tenant(key.organisation_id), timezone.override(settings_in_force().time_zone):
        file = queries.open_by_code(key)
        if file is None:
            return _unknown(request, form)
        return kept_or_undone(request, _status(request, file, form.cleaned_data["code"]))


def _status(request: HttpRequest, file: ConcernFile, code: str) -> HttpResponse:
    form = CodeMessageForm(
        request.POST if "words" in request.POST else None, initial={"code": code}
    )
    sent = act(
        lambda: operations.answer_concern(file=file, by=None, words=form.cleaned_data["words"]),
        form,
        at={ConcernClosed: None},
    )
    if sent:
        form = CodeMessageForm(initial={"code": code})
    texts = queries.texts_of(file)
    context = {
        "file": file,
        "texts": queries.messages_in(texts),
        "steps": queries.steps_of(file, texts),
        "words_go_on": file.words_go_on(queries.desk_in_force().kept_days),
        "sent": bool(sent),
    }
    return form_page(request, "feedback/concerns/status.html", form, context)


def _unknown(request: HttpRequest, form: CodeForm) -> HttpResponse:
    form.add_error(
        "code",
        _(
            "We know no such code. Words are deleted some time after a concern is closed, and then"
            " its code opens nothing."
        ),
    )
    return form_page(request, "feedback/concerns/code.html", form)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "feedback/concerns/closed_link.html", status=404)
