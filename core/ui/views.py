"""The kit: every part that pages are made of, once, in all its states."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.ui import specimen
from core.ui.icons import ICONS


@login_not_required
@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "core/kit.html",
        {
            "filled": specimen.filled_form(),
            "wrong": specimen.wrong_form(),
            "agenda": specimen.agenda_form(),
            "tables": specimen.tables(),
            "icons": list(ICONS),
            **specimen.figures(),
            **specimen.lists(),
        },
    )
