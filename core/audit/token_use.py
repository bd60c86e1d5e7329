"""What is done with an API token: counted by the day, and one line a day in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from core.audit.operations import record
from core.common.rows import row_by_row
from core.members.files import Tally
from core.members.models import ApiToken
from core.tenancy.context import tenant
from core.tenancy.days import day_of, today
from core.tenancy.queries import settings_in_force


class TokenUseMiddleware:
    """Counts each request of a token and the rows that it was answered; inside TokenMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        token = getattr(request, "token", None)
        if not isinstance(token, ApiToken):  # a directory has one too
            return answer
        note_use(token, pulls=1, rows=_rows_in(answer))
        tally: Tally | None = getattr(answer, "tally", None)
        if tally is not None:
            answer.streaming_content = _noted(answer.streaming_content, token, tally)  # type: ignore[attr-defined]  # a file is streamed
        return answer


def _rows_in(answer: HttpResponse) -> int:
    data: Any = getattr(answer, "data", None)
    if answer.status_code != 200 or data is None:
        return 0
    rows: Any = data
    if isinstance(data, dict):
        rows = data.get("results", data.get("rows", [data]))
    return len(rows)


def _noted(blocks: Iterable[bytes], token: ApiToken, tally: Tally) -> Iterator[bytes]:
    """Yield a file, and note its rows at its end, also where somebody breaks off."""
    try:
        yield from blocks
    finally:
        with tenant(token.organisation):
            note_use(token, pulls=0, rows=tally.rows)


@transaction.atomic
def note_use(token: ApiToken, *, pulls: int, rows: int) -> None:
    """Count one use; the first of a day closes the day before."""
    day = today()
    of_today = ApiToken.objects.filter(pk=token.pk, last_used_on=day)
    if not of_today.update(pulls=F("pulls") + pulls, rows=F("rows") + rows):
        locked = ApiToken.objects.select_for_update().get(pk=token.pk)
        if locked.last_used_on != day:
            _close_day(locked)
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=day)
        of_today.update(pulls=F("pulls") + pulls, rows=F("rows") + rows)


def close_token_days(*, at: datetime) -> int:
    """Write what was done with tokens on days that are over into the audit trail."""
    day = day_of(at, settings_in_force().zone)
    rows = ApiToken.objects.filter(pulls__gt=0, last_used_on__lt=day)
    return row_by_row(rows.select_for_update(skip_locked=True).order_by("pk"), _close_day)


def _close_day(token: ApiToken) -> None:
    if token.pulls:
        day = f"{token.last_used_on:%Y-%m-%d}"
        record(
            by=None, verb="token.used", target=token, day=day, pulls=token.pulls, rows=token.rows
        )
        ApiToken.objects.filter(pk=token.pk).update(pulls=0, rows=0)
