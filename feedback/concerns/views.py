"""Pages of the concerns desk: raising one, seeing to it, and the desk as owners set it up."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.views.answers import settings_tabs
from core.common import clock
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.days import day_of
from core.ui.pages import act, form_page
from feedback.concerns import operations, queries
from feedback.concerns.forms import (
    CloseForm,
    ConcernForm,
    DeskForm,
    HandlerForm,
    MessageForm,
    StepForm,
)
from feedback.models.concerns import ConcernFile, ConcernHandler

READ_AND_WRITE = ["GET", "HEAD", "POST"]


@require_safe
@member_view(Permission.TAKE_PART)
def concerns(request: MemberRequest) -> HttpResponse:
    """What I have raised, and what I am to see to."""
    member = request.member
    context = {
        "to_handle": queries.to_handle(member),
        "closed": queries.closed_lately(member),
        "mine": queries.raised_by(member),
        "today": day_of(clock.now()),
    }
    return render(request, "feedback/concerns/concerns.html", context)


@never_cache
@sensitive_post_parameters("words")
@require_http_methods(READ_AND_WRITE)
@member_view(Permission.TAKE_PART)
def raise_concern(request: MemberRequest) -> HttpResponse:
    member, desk = request.member, queries.desk_in_force()
    form = ConcernForm(
        request.POST or None,
        handlers=[person for person in queries.live_handlers() if person.pk != member.pk],
        subjects=queries.subjects_of(member),
        initial={"about": request.GET.get("about", "")},
    )
    file = act(lambda: operations.raise_concern(by=member, **form.values), form)
    if file:
        messages.success(request, _("Sent. You find every answer here, and we e-mail you."))
        return redirect(file)
    context = {
        "desk": desk,
        "handlers": queries.live_handlers(),
        "link": queries.link_of(desk),
    }
    return form_page(request, "feedback/concerns/raise.html", form, context)


@never_cache
@sensitive_post_parameters("words")
@require_http_methods(READ_AND_WRITE)
@member_view(Permission.TAKE_PART)
def concern(request: MemberRequest, concern_id: UUID) -> HttpResponse:
    """One concern, for who raised it and for those who handle it; a form answers."""
    file, member = _file(request, concern_id), request.member
    form = MessageForm(request.POST or None)
    if act(lambda: operations.answer_concern(file=file, by=member, **form.cleaned_data), form):
        messages.success(request, _("Sent."))
        return redirect(file)
    texts = queries.texts_of(file)
    context = {
        "file": file,
        "handles": file.reporter_id != member.pk,
        "texts": queries.messages_in(texts),
        "steps": queries.steps_of(file, texts),
        "words_go_on": file.words_go_on(queries.desk_in_force().kept_days),
        "desk": queries.desk_in_force(),
        "today": day_of(clock.now()),
    }
    return form_page(request, "feedback/concerns/concern.html", form, context)


@never_cache
@sensitive_post_parameters("note")
@require_http_methods(READ_AND_WRITE)
@member_view(Permission.TAKE_PART)
def concern_step(request: MemberRequest, concern_id: UUID) -> HttpResponse:
    file = _handled(request, concern_id)
    form = StepForm(request.POST or None, first=file.concern.raised_on, today=day_of(clock.now()))
    step = act(
        lambda: operations.record_step(file=file, by=request.member, **form.cleaned_data), form
    )
    if step:
        messages.success(request, _("Recorded."))
        return redirect(file)
    return form_page(request, "feedback/concerns/step.html", form, {"file": file})


@never_cache
@sensitive_post_parameters("words")
@require_http_methods(READ_AND_WRITE)
@member_view(Permission.TAKE_PART)
def close_concern(request: MemberRequest, concern_id: UUID) -> HttpResponse:
    file = _handled(request, concern_id)
    form = CloseForm(request.POST or None)
    if act(
        lambda: operations.close_concern(file=file, by=request.member, **form.cleaned_data), form
    ):
        messages.success(request, _("Closed. Who raised it can read why."))
        return redirect(file)
    context = {"file": file, "kept_days": queries.desk_in_force().kept_days}
    return form_page(request, "feedback/concerns/close.html", form, context)


def _file(request: MemberRequest, concern_id: UUID) -> ConcernFile:
    rows = ConcernFile.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows, pk=concern_id)


def _handled(request: MemberRequest, concern_id: UUID) -> ConcernFile:
    rows = ConcernFile.objects.visible_to(request.member).handled_by(request.member).for_list()
    return get_object_or_404(rows, pk=concern_id)


# ── the desk ──
@never_cache
@require_http_methods(READ_AND_WRITE)
@member_view(Permission.SETTINGS_MANAGE)
def desk(request: MemberRequest) -> HttpResponse:
    """The phone number, how long words stay, who is named, and the link without a sign-in."""
    chosen = queries.desk_in_force()
    initial = {"phone": chosen.phone, "kept_days": chosen.kept_days}
    form = DeskForm(request.POST or None, initial=initial)
    if act(lambda: operations.set_up_desk(by=request.member, **form.cleaned_data), form):
        messages.success(request, _("Saved."))
        return _to_desk(request)
    return _desk_page(request, form, HandlerForm(None, by=request.member))


@require_http_methods(READ_AND_WRITE)
@member_view(Permission.SETTINGS_MANAGE)
def name_handler(request: MemberRequest) -> HttpResponse:
    form = HandlerForm(request.POST or None, by=request.member)
    row = act(lambda: operations.name_handler(by=request.member, **form.cleaned_data), form)
    if row:
        messages.success(request, _("%(name)s reads concerns now.") % {"name": row.member})
        return _to_desk(request)
    chosen = queries.desk_in_force()
    initial = {"phone": chosen.phone, "kept_days": chosen.kept_days}
    return _desk_page(request, DeskForm(initial=initial), form)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def remove_handler(request: MemberRequest, handler_id: UUID) -> HttpResponse:
    rows = ConcernHandler.objects.visible_to(request.member).for_list()
    handler = get_object_or_404(rows, pk=handler_id)
    operations.remove_handler(by=request.member, handler=handler)
    words = _("%(name)s no longer reads them. What waited for them is passed on.")
    messages.success(request, words % {"name": handler.member})
    return _to_desk(request)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def make_link(request: MemberRequest) -> HttpResponse:
    operations.make_link(by=request.member)
    messages.success(request, _("There is a new link. One from before no longer opens."))
    return _to_desk(request)


@require_POST
@member_view(Permission.SETTINGS_MANAGE)
def revoke_link(request: MemberRequest) -> HttpResponse:
    operations.revoke_link(by=request.member)
    messages.success(request, _("The link no longer opens. Concerns raised by it go on."))
    return _to_desk(request)


def _to_desk(request: MemberRequest) -> HttpResponse:
    return redirect("feedback:concerns_desk", request.member.organisation.slug)


def _desk_page(request: MemberRequest, form: DeskForm, handler_form: HandlerForm) -> HttpResponse:
    context = {
        "tabs": settings_tabs(request.member, "feedback:concerns_desk"),
        "desk_form": form,
        "handlers": queries.named_handlers(),
        "link": queries.link_of(queries.desk_in_force()),
        "waiting": queries.waiting_on(day_of(clock.now())),
        "handler_form": handler_form,
    }
    refused = (form.is_bound and form.errors) or (handler_form.is_bound and handler_form.errors)
    return render(request, "feedback/concerns/desk.html", context, status=422 if refused else 200)


@require_safe
@member_view(Permission.TAKE_PART)
def if_it_is_hard(request: MemberRequest) -> HttpResponse:
    """Six short ways to handle what is hard in a circle; a room or a kit borrows them."""
    template = "feedback/concerns/_ways.html" if request.htmx else "feedback/concerns/hard.html"
    return render(request, template)
