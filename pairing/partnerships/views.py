"""Partnerships: a cohort's list, one partnership's page, resting and parting; nobody is blamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
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
from core.tenancy.days import today
from core.ui.forms import DateInput
from core.ui.pages import act, form_page
from core.ui.table import SeatView, initials, round_table
from pairing.models.partnerships import Cause, Parting, Partnership, PartnershipQuerySet, Seat
from pairing.partnerships import queries
from pairing.partnerships.cohorts import cohort_of, is_circles
from pairing.partnerships.operations import partnerships as operations
from pairing.partnerships.operations import repairing
from pairing.partnerships.operations.repairing import is_fresh, leaves_others
from pairing.partnerships.seats import open_seats, partnership_of, seat_of
from pairing.texts.reasons import Reason, bars_of, read_reasons
from pairing.texts.sentence import reasons_for_partners, why_these
from programs.models.programs import Cohort, Enrolment


class _NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)


class _EndForm(forms.Form):
    REASONS = (
        ("fit", gettext_lazy("It did not fit")),
        ("time", gettext_lazy("No time for it")),
        ("left", gettext_lazy("Somebody changed job or left")),
        ("goals_met", gettext_lazy("What they wanted is reached")),
        ("other", gettext_lazy("Another reason")),
    )

    reason = forms.ChoiceField(
        label=gettext_lazy("Why does it end?"),
        help_text=gettext_lazy("Nobody is blamed. The next matching avoids this pair."),
        choices=REASONS,
        widget=forms.RadioSelect,
    )


STATES = {
    "open": Partnership.OPEN,
    "paused": (Partnership.State.PAUSED,),
    "over": tuple(set(Partnership.State.values) - set(Partnership.OPEN)),
}

END_REASONS = {
    **dict(_EndForm.REASONS),
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
    return queries.search(rows, request.GET.get("q", "").strip())


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
    counts = queries.counts_by_state(cohort)
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
    return _show(request, partnership_of(request, partnership_id))


def _show(
    request: MemberRequest, partnership: Partnership, name_form: _NameForm | None = None
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
        "name_form": name_form or _NameForm(initial={"name": partnership.name}),
        "end_reason": END_REASONS.get(partnership.end_reason, partnership.end_reason),
        "kind_words": queries.kind_words(partnership, request.member),
        "parted_here": queries.parting_seat(partnership, request.member) is not None,
    }
    return form_page(request, "pairing/partnership.html", name_form, context)


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
    partnership = _managed(request, partnership_id)
    form = _NameForm(request.POST)
    if act(
        lambda: operations.rename_partnership(
            partnership=partnership, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        return redirect(partnership)
    return _show(request, partnership, form)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Permission.PARTNERSHIPS_MANAGE)
def end_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = _managed(request, partnership_id)
    form = _EndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        operations.end_partnership(partnership=partnership, reason=reason, by=request.member)
        messages.success(request, _("%(name)s has ended.") % {"name": partnership.name})
        return redirect(partnership)
    seats = open_seats(partnership)
    context = {
        "partnership": partnership,
        "people": [seat.enrolment.member for seat in seats],
        "parts": Enrolment.Part,
    }
    return form_page(request, "pairing/end_partnership.html", form, context)


METHODS = ["GET", "HEAD", "POST"]


def _kind_words(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("A kind word"),
        help_text=help_text,
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _PauseForm(forms.Form):
    """Until when; a partner may add a kind word, a coordinator is none of the partners."""

    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy(
            "It goes on by itself that day. Without a day, until you resume it."
        ),
        required=False,
        widget=DateInput,
    )
    words = _kind_words(gettext_lazy("Only the partners can read it."))

    def __init__(self, data: Any = None, *, partner: bool) -> None:
        super().__init__(data)
        if not partner:
            del self.fields["words"]

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until <= today():
            raise forms.ValidationError(_("Choose a day to come."))
        return until


class _PartingForm(forms.Form):
    """What should be different next time, who may see it, and a kind word."""

    cause = forms.ChoiceField(
        label=gettext_lazy("What should be different next time?"),
        help_text=gettext_lazy(
            "Nobody is blamed, and your partners are not told. The next matching avoids it."
        ),
        choices=Cause.choices,
        widget=forms.RadioSelect,
    )
    coordinator_sees = forms.BooleanField(
        label=gettext_lazy("My coordinator may see this answer"),
        help_text=gettext_lazy("Without it only the matching reads it."),
        initial=True,
        required=False,
    )
    words = _kind_words(gettext_lazy("For the people you worked with; nobody else can read it."))

    def __init__(self, data: Any = None, *, earlier: Parting | None) -> None:
        initial = (
            {"cause": earlier.cause, "coordinator_sees": earlier.coordinator_sees}
            if earlier
            else {}
        )
        super().__init__(data, initial=initial)


def _partner_or_coordinator(
    request: MemberRequest, partnership_id: UUID
) -> tuple[Partnership, bool]:
    """Return the partnership and whether this member sits there; 403 for anybody else."""
    partnership = partnership_of(request, partnership_id)
    partner = seat_of(partnership, request.member) is not None
    if not partner and not manages(request, partnership):
        raise PermissionDenied
    return partnership, partner


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def pause_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Ask until when, then let it rest: by a partner or a coordinator."""
    partnership, partner = _partner_or_coordinator(request, partnership_id)
    form = _PauseForm(request.POST if request.method == "POST" else None, partner=partner)
    if form.is_valid():
        repairing.pause_partnership(partnership=partnership, by=request.member, **form.cleaned_data)
        messages.success(request, _("%(name)s is paused.") % {"name": partnership.name})
        return redirect(partnership)
    context = {"partnership": partnership}
    return form_page(request, "pairing/pause_partnership.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def resume_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership, _partner = _partner_or_coordinator(request, partnership_id)
    return redirect(repairing.resume_partnership(partnership=partnership, by=request.member))


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def parting(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """End it as a partner; or after an end, say what should be different and a kind word."""
    partnership = partnership_of(request, partnership_id)
    seat = queries.parting_seat(partnership, request.member)
    if seat is None:
        raise Http404
    over = seat.left_at is not None
    circles = is_circles(partnership.cohort)
    earlier = Parting.objects.visible_to(request.member).filter(seat=seat).first()
    form = _PartingForm(request.POST if request.method == "POST" else None, earlier=earlier)
    if form.is_valid():
        operation = repairing.say_what_next if over else repairing.part_ways
        operation(partnership=partnership, by=request.member, **form.cleaned_data)
        thanks = _("Thank you.") if circles else _("Thank you. You go first in the next matching.")
        messages.success(request, thanks)
        return redirect("pairing:parting", request.member.organisation.slug, partnership.pk)
    context = {
        "partnership": partnership,
        "over": over,
        "circles": circles,
        "leaves": leaves_others(partnership, len(open_seats(partnership)))
        or (partnership.is_open and over),
        "said": earlier,
        "may_say": not over or is_fresh(seat),
        "kind_words": queries.kind_words(partnership, request.member),
    }
    return form_page(request, "pairing/parting.html", form, context)
