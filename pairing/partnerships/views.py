"""Partnerships: a cohort's list, one partnership's page, resting and parting; nobody is blamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.common import csv
from core.common.pages import page
from core.members.models import Member
from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.tenancy.context import look_as, tenant
from core.tenancy.days import today
from core.ui.forms import DateInput, FilterForm
from core.ui.pages import act, form_page
from core.ui.table import SeatView, initials, round_table
from pairing.errors import NotPaused
from pairing.models.companions import Companion
from pairing.models.partnerships import Cause, Parting, Partnership, PartnershipQuerySet, Seat
from pairing.partnerships import lists, queries
from pairing.partnerships.cohorts import cohort_of, is_circles
from pairing.partnerships.lists import PartnershipsFilter
from pairing.partnerships.operations import going_on, repairing
from pairing.partnerships.operations import partnerships as operations
from pairing.partnerships.operations.repairing import is_fresh, leaves_others
from pairing.partnerships.seats import may_manage, open_seats, partnership_of, seat_of
from pairing.texts.reasons import Reason, bars_of, read_reasons
from pairing.texts.sentence import reasons_for_partners, why_these
from programs.models.programs import Cohort, Program


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


END_REASONS = {
    **dict(_EndForm.REASONS),
    "parted": gettext_lazy("They go separate ways"),
    "joined": gettext_lazy("It joined another circle"),
    "too_few_people": gettext_lazy("Too few people were left"),
    "withdrawn": gettext_lazy("Somebody no longer takes part"),
    "too_few_sessions": gettext_lazy("Its time was over with fewer sessions than agreed"),
    "no_contact": gettext_lazy("Three months without contact"),
}


def _rows(request: MemberRequest, cohort: Cohort) -> PartnershipQuerySet:
    return Partnership.objects.visible_to(request.member).filter(cohort=cohort)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def partnerships(request: MemberRequest, cohort_id: UUID) -> HttpResponse:
    """Show a cohort's partnerships, filtered by state and words."""
    cohort = cohort_of(request, cohort_id)
    wanted = PartnershipsFilter.read(request.GET)
    rows = _rows(request, cohort)
    shown = page(
        wanted.apply(rows).for_list(), order=wanted.path, cursor=request.GET.get("after", "")
    )
    chips = lists.partnership_chips(rows, wanted)
    context = {
        "cohort": cohort,
        "tab": "partnerships",
        "circles": is_circles(cohort),
        "rows": shown.rows,
        "wanted": wanted,
        "filters": FilterForm(wanted, placeholder=_("Name or person")),
        "chips": chips,
        "columns": lists.partnership_columns(wanted),
        "total": next(chip.n for chip in chips if chip.current),
        "query": wanted.url(),
        "more": wanted.url(after=shown.next_cursor) if shown.next_cursor else "",
    }
    return render(request, "pairing/partnerships.html", context)


@require_GET
@member_view(Permission.PARTNERSHIPS_MANAGE)
def export_partnerships(request: MemberRequest, cohort_id: UUID) -> StreamingHttpResponse:
    """Stream exactly the partnerships that are filtered, one line a seat."""
    cohort = cohort_of(request, cohort_id)
    wanted = PartnershipsFilter.read(request.GET)
    ids = wanted.apply(_rows(request, cohort)).values("pk")
    seats = Seat.objects.visible_to(request.member).filter(partnership__in=ids)
    rows = seats.select_related("partnership", "enrolment__member")
    answer = StreamingHttpResponse(
        _lines(request.member, rows.order_by(*lists.order_of_seats(wanted))),
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
    managing = may_manage(partnership, request.member)
    at_table = [(seat.enrolment_id, str(seat.part)) for seat in sitting]
    reasons: Sequence[Reason] = read_reasons(partnership.reasons)
    if not managing:
        reasons = reasons_for_partners(reasons, at_table)
    context = {
        "partnership": partnership,
        "cohort": partnership.cohort,
        "circles": is_circles(partnership.cohort),
        "has_seats": partnership.cohort.program.format != Program.Format.MENTOR,
        "seats": sitting,
        "companion": Companion.objects.visible_to(request.member)
        .beside_now()
        .filter(partnership=partnership)
        .first(),
        "gone": [seat for seat in seats if seat not in sitting],
        "mine": any(member.pk == request.member.pk for member in people),
        "may_go_on": going_on.may_go_on(partnership, today()),
        "wishes": [seat for seat in sitting if seat.goes_on_until],
        "may_pause": managing or not is_circles(partnership.cohort),
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


def managed(request: MemberRequest, partnership_id: UUID) -> Partnership:
    """Return a partnership whose program this member runs; 404 or 403 for any other."""
    partnership = partnership_of(request, partnership_id)
    if not may_manage(partnership, request.member):
        raise PermissionDenied
    return partnership


@require_POST
@member_view(Permission.PARTNERSHIPS_MANAGE)
def rename_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership = managed(request, partnership_id)
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
    partnership = managed(request, partnership_id)
    form = _EndForm(request.POST if request.method == "POST" else None)
    seats = open_seats(partnership)
    if act(
        lambda: repairing.end_early(
            partnership=partnership, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        words = ngettext(
            "%(name)s has ended, and %(n)d person is told.",
            "%(name)s has ended, and %(n)d people are told.",
            len(seats),
        )
        messages.success(request, words % {"name": partnership.name, "n": len(seats)})
        return redirect(partnership)
    context = {"partnership": partnership, "people": [seat.enrolment.member for seat in seats]}
    return form_page(request, "pairing/end_partnership.html", form, context)


METHODS = ["GET", "HEAD", "POST"]
PROPOSED = timedelta(days=91)  # to go on for, before anybody has named a day


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
        help_text=gettext_lazy("It goes on by itself that day. You can resume it earlier."),
        widget=DateInput,
    )
    words = _kind_words(gettext_lazy("Only the partners can read it."))

    def __init__(self, data: Any = None, *, partner: bool) -> None:
        super().__init__(data)
        if not partner:
            del self.fields["words"]

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= today():
            raise forms.ValidationError(_("Choose a day to come."))
        return until


class _GoOnForm(forms.Form):
    """Until which day; empty from somebody who would not go on, or no longer."""

    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy(
            "If your partners name other days, the earliest counts. "
            "Leave it empty to withdraw your wish."
        ),
        required=False,
        widget=DateInput,
    )

    def __init__(self, data: Any = None, *, partnership: Partnership, until: date) -> None:
        super().__init__(data, initial={"until": until})
        self.ends_on = partnership.ends_on

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and not self.ends_on < until <= self.ends_on + going_on.AT_MOST:
            raise forms.ValidationError(_("Choose a day within a year after the last one."))
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
    if not partner and not may_manage(partnership, request.member):
        raise PermissionDenied
    return partnership, partner


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def pause_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Ask until when, then let it rest: a pair by a partner, else by a coordinator."""
    partnership, partner = _partner_or_coordinator(request, partnership_id)
    form = _PauseForm(request.POST if request.method == "POST" else None, partner=partner)
    if act(
        lambda: repairing.pause_partnership(
            partnership=partnership, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _("%(name)s is paused.") % {"name": partnership.name})
        return redirect(partnership)
    context = {"partnership": partnership}
    return form_page(request, "pairing/pause_partnership.html", form, context)


@require_POST
@member_view(Permission.TAKE_PART)
def resume_partnership(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    partnership, _partner = _partner_or_coordinator(request, partnership_id)
    try:
        repairing.resume_partnership(partnership=partnership, by=request.member)
    except NotPaused:  # somebody was faster
        messages.info(request, _("%(name)s goes on already.") % {"name": partnership.name})
    return redirect(partnership)


@require_http_methods(METHODS)
@member_view(Permission.TAKE_PART)
def go_on(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Say until when one would like to go on after the last day."""
    partnership = partnership_of(request, partnership_id)
    if seat_of(partnership, request.member) is None:
        raise Http404
    wishes = [seat for seat in open_seats(partnership) if seat.goes_on_until]
    earliest = min(
        (seat.goes_on_until for seat in wishes if seat.goes_on_until),
        default=partnership.ends_on + PROPOSED,
    )
    form = _GoOnForm(
        request.POST if request.method == "POST" else None, partnership=partnership, until=earliest
    )
    if goes_on := act(
        lambda: going_on.wish_to_go_on(
            partnership=partnership, by=request.member, **form.cleaned_data
        ),
        form,
    ):
        messages.success(request, _wished(goes_on, form.cleaned_data["until"]))
        return redirect(goes_on)
    context = {"partnership": partnership, "wishes": wishes}
    return form_page(request, "pairing/go_on.html", form, context)


def _wished(partnership: Partnership, until: date | None) -> str:
    if until is None:
        return _("Your wish to go on is withdrawn.")
    if any(seat.goes_on_until for seat in open_seats(partnership)):
        return _("Your partners are asked. You go on when all of you wish it.")
    day = date_format(partnership.ends_on, "j F Y")
    return _("%(name)s goes on until %(day)s.") % {"name": partnership.name, "day": day}


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
        first = not circles and queries.waits(seat, partnership.cohort)
        thanks = _("Thank you. You go first in the next matching.") if first else _("Thank you.")
        messages.success(request, thanks)
        return redirect("pairing:parting", request.member.organisation.slug, partnership.pk)
    context = {
        "partnership": partnership,
        "over": over,
        "circles": circles,
        "matched": partnership.cohort.is_matched,
        "waits": queries.waits(seat, partnership.cohort),
        "leaves": leaves_others(partnership, len(open_seats(partnership)))
        or (partnership.is_open and over),
        "said": earlier,
        "may_say": not over or is_fresh(seat),
        "kind_words": queries.kind_words(partnership, request.member),
    }
    return form_page(request, "pairing/parting.html", form, context)
