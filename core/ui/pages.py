"""A form on a page, and the one operation that it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.common.errors import DomainError

Row = TypeVar("Row", bound=Model)
NOT_VALID, TOO_MANY = 422, 429
# the two frames of a page that people also open by a signed link
SIGNED_IN, BY_LINK = "core/base.html", "core/public.html"
# the field of the form at which a refusal is shown, None being its head
Refusals = Mapping[type[DomainError], str | None]
AT_THE_FORM: Refusals = {DomainError: None}


def form_page(
    request: HttpRequest,
    template: str,
    form: BaseForm | None = None,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a page with a form: 422 if it was sent and refused, and all that was typed is there.

    429 where it was refused for being too much at once.
    """
    refused = form is not None and form.is_bound and bool(form.errors)
    status = NOT_VALID if refused else 200
    if refused and form and form.has_error(NON_FIELD_ERRORS, str(TOO_MANY)):
        status = TOO_MANY
    return render(request, template, {"form": form, **(context or {})}, status=status)


@overload
def act(  # type: ignore[overload-overlap]  # a row is an object too, and the first one wins
    operation: Callable[[], Row],
    form: BaseForm,
    *,
    at: Refusals = ...,
) -> Row | None: ...
@overload
def act(
    operation: Callable[[], object],
    form: BaseForm,
    *,
    at: Refusals = ...,
) -> bool: ...
def act(
    operation: Callable[[], object],
    form: BaseForm,
    *,
    at: Refusals = AT_THE_FORM,
) -> Model | bool | None:
    """Run one operation if its form was sent and is valid; a rule's refusal becomes its error.

    Returns what can be redirected to, the row that the operation returns, or else True; None
    (or False) if nothing was done: then show the page again, with this form on it.

        form = GoalForm(request.POST or None)
        if goal := act(lambda: operations.set_goal(by=request.member, **form.cleaned_data), form):
            return redirect(goal)
        return form_page(request, "agreements/new_goal.html", form, {"partnership": partnership})

    `at` names the field of a refusal, by its class or one above, None being the head of the
    form; what it does not name passes and is answered 409, but for a limit that is used up, which
    is always said at the head.  Pass `at={}` where the page may not
    show the form any more once the rule has said no.  An operation without a form needs no help:
    call it, redirect, and let its refusal pass.
    """
    if not form.is_valid():
        return None
    try:
        # what a refused operation has written so far is undone, whatever it is decorated with
        with transaction.atomic():
            result = operation()
    except DomainError as refusal:
        kind = next((kind for kind in type(refusal).__mro__ if kind in at), None)
        if kind is None and not (at and refusal.status == TOO_MANY):
            raise
        form.add_error(
            at[kind] if kind else None, ValidationError(str(refusal), code=str(refusal.status))
        )
        return None
    return result if isinstance(result, Model) else True
