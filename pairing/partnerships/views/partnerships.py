"""Partnerships: a cohort's list, one partnership's page, and what a coordinator may do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.common import csv
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission, can
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import look_as, tenant
from core.ui.table import SeatView, initials, round_table
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat
from pairing.partnerships.cohorts import cohort_of
from pairing.partnerships.forms import EndForm, NameForm
from pairing.partnerships.operations import partnerships as partnerships_operations_partnerships
from pairing.partnerships.queries import partnerships as partnerships_partnerships
from pairing.partnerships.queries import waiting
from pairing.partnerships.seats import open_seats, partnership_of
from pairing.texts.cohorts import is_circles
from pairing.texts.openness import reasons_for_partners
from pairing.texts.reasons import Reason, bars_of, read_reasons
from pairing.texts.sentence import why_these
from programs.models.programs import Cohort, Enrolment

STATES = {
    "open": Partnership.OPEN,
    "paused": (Partnership.State.PAUSED,),
    "over": tuple(set(Partnership.State.values) - set(Partnership.OPEN)),
}

END_REASONS = {
    **dict(EndForm.REASONS),
    "parted": gettext_lazy("They go separate ways"),
    "too_few_people": gettext_lazy("Too few people were left"),
    "withdrawn": gettext_lazy("Somebody no longer takes part"),
    "too_few_sessions": gettext_lazy("Its time was over with fewer sessions than agreed"),
    "no_contact": gettext_lazy("Three months without contact"),
}


def _filtered(request: MemberRequest, cohort: Cohort) -> PartnershipQuerySet:
    rows = Partnership.objects.visible_to(request.member).filter(cohort=cohort)
    if states := STATES.get(request.GET.get("state", "")):
        rows = rows.filter(state__in=states)
    return partnerships_partnerships.search(rows, request.GET.get("q", "").strip())


def _address(request: MemberRequest, **changes: str) -> str:
    kept = {name: request.GET.get(name, "") for name in ("state", "q")} | changes
    return "?" + urlencode({name: value for name, value in kept.items() if value})


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def partnerships(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Show a cohort's partnerships, filtered by state and words; htmx gets the list alone."""
    cohort = cohort_of(request, cohort_id)
    rows = _filtered(request, cohort).for_list()
    shown = page(rows, order="name", cursor=request.GET.get("cursor", ""))
    counts = partnerships_partnerships.counts_by_state(cohort)
    state = request.GET.get("state", "")
    names = {"open": _("Open"), "paused": _("Paused"), "over": _("Over")}
    chips = [(_("All %(n)d") % {"n": sum(counts.values())}, _address(request, state=""), not state)]
    for key, states in STATES.items():
        n = sum(counts.get(value, 0) for value in states)
        label = _("%(state)s: %(n)d") % {"state": names[key], "n": n}
        chips.append((label, _address(request, state=key), state == key))
    context = {
        "cohort": cohort,
        "tab": "partnerships",
        "circles": is_circles(cohort),
        "rows": shown.rows,
        "more": _address(request, cursor=shown.next_cursor) if shown.next_cursor else "",
        "any": bool(counts),
        "chips": chips,
        "q": request.GET.get("q", ""),
        "state": state,
        "export": _address(request),
    }
    template = "pairing/_partnerships.html" if request.htmx else "pairing/partnerships.html"
    return render(request, template, context)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def export_partnerships(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    """Stream exactly the partnerships that are filtered, one line a seat."""
    cohort = cohort_of(request, cohort_id)
    ids = _filtered(request, cohort).order_by("name", "id").values("pk")
    seats = Seat.objects.visible_to(request.member).filter(partnership__in=ids)
    rows = seats.select_related("partnership", "enrolment__member")
    answer = StreamingHttpResponse(
        _lines(request.member, rows.order_by("partnership__name", "id")),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = 'attachment; filename="partnerships.csv"'
    return answer


def _lines(member: Member, seats: Iterable[Seat]) -> Iterator[str]:
    """Yield the file's lines in a transaction of its own: the request's is over by then."""
    header = ("partnership", "state", "name", "e-mail", "part", "from", "to", "starts", "ends")
    with tenant(member.organisation):
        look_as(member.pk)
        yield from csv.lines(
            header,
            (
                (
                    seat.partnership.name,
                    seat.partnership.state,
                    seat.enrolment.member.full_name,
                    seat.enrolment.member.email,
                    seat.part,
                    seat.taken_at,
                    seat.left_at,
                    seat.partnership.starts_on,
                    seat.partnership.ends_on,
                )
                for seat in seats
            ),
        )


@require_GET
@member_view(Permission.TAKE_PART)
def partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Show the people at their table and why they were matched."""
    return _show(request, partnership_of(request, partnership_id))


def _show(
    request: MemberRequest, partnership: Partnership, name_form: NameForm | None = None
) -> HttpResponse:
    seats = list(
        Seat.objects.visible_to(request.member)
        .filter(partnership=partnership)
        .select_related("enrolment__member")
        .order_by("id")
    )
    # when it is over everybody has left; then the table shows who sat there to the end
    sitting = [seat for seat in seats if seat.left_at is None] or [
        seat for seat in seats if seat.left_at == partnership.ended_at
    ]
    people = [seat.enrolment.member for seat in sitting]
    managing = manages(request, partnership)
    at_table = [(seat.enrolment_id, str(seat.part)) for seat in sitting]
    reasons: Sequence[Reason] = read_reasons(partnership.reasons)
    if not managing:
        reasons = reasons_for_partners(reasons, at_table)
    context = {
        "partnership": partnership,
        "cohort": partnership.cohort,
        "circles": is_circles(partnership.cohort),
        "seats": sitting,
        "gone": [seat for seat in seats if seat not in sitting],
        "mine": any(member.pk == request.member.pk for member in people),
        "table": round_table(
            [SeatView(initials(member.full_name), member.full_name) for member in people],
            title=partnership.name,
        ),
        "why": why_these(reasons, [(seat.part, seat.enrolment.member) for seat in sitting]),
        "bars": bars_of(reasons),
        "manages": managing,
        "name_form": name_form or NameForm(initial={"name": partnership.name}),
        "end_reason": END_REASONS.get(partnership.end_reason, partnership.end_reason),
        "kind_words": waiting.kind_words(partnership, request.member),
        "parted_here": waiting.parting_seat(partnership, request.member) is not None,
    }
    status = 422 if name_form else 200
    return render(request, "pairing/partnership.html", context, status=status)


def manages(request: MemberRequest, partnership: Partnership) -> bool:
    """Say whether this member runs the program; a partner who coordinates another does not."""
    cohorts = Cohort.objects.visible_to(request.member).filter(pk=partnership.cohort_id)
    return can(request.member, Permission.PARTNERSHIPS_MANAGE) and cohorts.exists()


def _managed(request: MemberRequest, partnership_id: UUID) -> Partnership:
    partnership = partnership_of(request, partnership_id)
    if not manages(request, partnership):
        raise PermissionDenied
    return partnership


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def rename_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Give it another name."""
    partnership = _managed(request, partnership_id)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _show(request, partnership, form)
    partnerships_operations_partnerships.rename_partnership(
        partnership=partnership, name=form.cleaned_data["name"], by=request.member
    )
    return redirect(partnership)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def end_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Ask why, then end it."""
    partnership = _managed(request, partnership_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        partnerships_operations_partnerships.end_partnership(
            partnership=partnership, reason=reason, by=request.member
        )
        messages.success(request, _("%(name)s has ended.") % {"name": partnership.name})
        return redirect(partnership)
    seats = open_seats(partnership)
    context = {
        "partnership": partnership,
        "form": form,
        "people": [seat.enrolment.member for seat in seats],
        "parts": Enrolment.Part,
    }
    return render(
        request, "pairing/end_partnership.html", context, status=422 if form.errors else 200
    )
