"""Seats in what runs already: one person's places, one circle's people, two circles that join."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from core.members.permissions import Permission
from core.members.requests import MemberRequest, member_view
from core.ui.pages import act, form_page
from pairing.models.partnerships import Partnership, Seat
from pairing.models.requests import SEATABLE
from pairing.partnerships.cohorts import cohort_of, is_circles
from pairing.partnerships.seats import open_seats
from pairing.partnerships.views import managed
from pairing.seating import operations
from pairing.seating.queries import (
    SeatedTables,
    candidates_for,
    partners_for,
    peer_seat_of,
    places_for,
    room_in,
    without_partner,
)
from programs.models.programs import Cohort, Enrolment, Program

methods = require_http_methods(["GET", "HEAD", "POST"])


class _PlaceForm(forms.Form):
    """Where somebody is to sit: in a partnership that runs, with a partner, or nowhere."""

    partnership = forms.UUIDField(required=False)
    partner = forms.UUIDField(required=False)
    out = forms.BooleanField(required=False)


class _PersonForm(forms.Form):
    enrolment = forms.UUIDField()


class _JoinForm(forms.Form):
    """Which circle joins this one, and what of the two stays."""

    THIS, OTHER = "this", "other"

    other = forms.ChoiceField(label=gettext_lazy("Join with"))
    stays = forms.ChoiceField(
        label=gettext_lazy("Whose charter, goals, decisions and dates stay?"),
        widget=forms.RadioSelect,
    )
    name = forms.ChoiceField(label=gettext_lazy("Which name stays?"), widget=forms.RadioSelect)

    def __init__(
        self, data: Any, *, partnership: Partnership, circles: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(data, initial={"stays": self.THIS, "name": self.THIS})
        choices = [(self.THIS, partnership.name), (self.OTHER, _("That of the other circle"))]
        for key, values in (("other", circles), ("stays", choices), ("name", choices)):
            field = self.fields[key]
            assert isinstance(field, forms.ChoiceField)
            field.choices = values


def _person(request: MemberRequest, cohort: Cohort, enrolment_id: UUID) -> Enrolment:
    rows = Enrolment.objects.visible_to(request.member).for_list()
    return get_object_or_404(rows.filter(cohort=cohort, state__in=SEATABLE), pk=enrolment_id)


def _part(request: MemberRequest, enrolment: Enrolment) -> str:
    """Return in which part a place is looked for: somebody may be mentor and mentee."""
    if enrolment.part != Enrolment.Part.BOTH:
        return str(enrolment.part)
    mentor = request.GET.get("part") == Enrolment.Part.MENTOR
    return str(Enrolment.Part.MENTOR if mentor else Enrolment.Part.MENTEE)


@methods
@member_view(Permission.PARTNERSHIPS_MANAGE)
def seat_person(request: MemberRequest, cohort_id: UUID, enrolment_id: UUID) -> HttpResponse:
    """Show the best places for somebody, with the price, and seat, move or take them out."""
    cohort = cohort_of(request, cohort_id)
    enrolment = _person(request, cohort, enrolment_id)
    part = _part(request, enrolment)
    sits = peer_seat_of(enrolment)
    form = _PlaceForm(request.POST if request.method == "POST" else None)
    if done := act(lambda: _seat(request, enrolment, part, sits, form.cleaned_data), form):
        return _done(request, enrolment, done)
    tables = SeatedTables(cohort) if sits else None
    context = {
        "cohort": cohort,
        "tab": "waiting",
        "circles": is_circles(cohort),
        "person": enrolment,
        "part": part,
        "part_words": Enrolment.Part(part).label,
        "sits": sits,
        "without": tables.left_behind(sits.partnership_id, str(enrolment.pk))
        if sits and tables
        else None,
        "staying": len(open_seats(sits.partnership)) - 1 if sits else 0,
        "options": places_for(enrolment),
        "partners": [] if sits else partners_for(enrolment, part),
    }
    return form_page(request, "pairing/seat_person.html", form, context)


def _seat(
    request: MemberRequest,
    enrolment: Enrolment,
    part: str,
    sits: Seat | None,
    choice: dict[str, Any],
) -> Partnership:
    """Do what the page was asked: return where they sit now, or the circle that they left."""
    by = request.member
    if choice["out"] and sits:
        operations.take_out(seat=sits, by=by)
        left: Partnership = sits.partnership
        return left
    if choice["partner"]:
        partner = _person(request, enrolment.cohort, choice["partner"])
        pair = (partner, enrolment) if part == Enrolment.Part.MENTOR else (enrolment, partner)
        return operations.pair_up(seeker=pair[0], offerer=pair[1], by=by)
    rows = Partnership.objects.visible_to(by).filter(cohort=enrolment.cohort_id)
    to = get_object_or_404(rows, pk=choice["partnership"])
    if sits:
        return _there(operations.move_person(seat=sits, to=to, by=by))
    return _there(operations.seat_person(partnership=to, enrolment=enrolment, by=by))


def _there(seat: Seat) -> Partnership:
    partnership: Partnership = seat.partnership
    return partnership


def _done(request: MemberRequest, enrolment: Enrolment, partnership: Partnership) -> HttpResponse:
    people = open_seats(partnership)
    sits = any(seat.enrolment_id == enrolment.pk for seat in people)
    values = {"name": enrolment.member.full_name, "partnership": partnership.name}
    if sits:
        words = _("%(name)s is in %(partnership)s now. Everybody there is told.")
    else:
        words = _("%(name)s is no longer in %(partnership)s. Everybody there is told.")
    messages.success(request, words % values)
    return redirect("pairing:partnership", request.member.organisation.slug, partnership.pk)


@methods
@member_view(Permission.PARTNERSHIPS_MANAGE)
def seats(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Show who sits in a circle and who could, with the price, and seat somebody."""
    partnership = managed(request, partnership_id)
    if partnership.cohort.program.format == Program.Format.MENTOR or not partnership.is_open:
        raise Http404
    form = _PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = _person(request, partnership.cohort, form.cleaned_data["enrolment"])
        if act(
            lambda: operations.seat_person(
                partnership=partnership, enrolment=person, by=request.member
            ),
            form,
        ):
            return _done(request, person, partnership)
    sitting = open_seats(partnership)
    known = [str(seat.enrolment_id) for seat in sitting]
    context = {
        "cohort": partnership.cohort,
        "partnership": partnership,
        "circles": is_circles(partnership.cohort),
        "seats": sitting,
        "room": room_in(partnership, len(sitting)),
        "fewest": partnership.cohort.program.circle_min,
        "candidates": candidates_for(partnership),
        "elsewhere": _elsewhere(request, partnership, known),
    }
    return form_page(request, "pairing/seats.html", form, context)


def _elsewhere(
    request: MemberRequest, partnership: Partnership, here: Sequence[str]
) -> list[Enrolment]:
    """Return who sits in another circle of the cohort, by name: they can be moved."""
    waiting = without_partner(partnership.cohort).values("pk")
    people = Enrolment.objects.visible_to(request.member).filter(
        cohort=partnership.cohort_id, part=Enrolment.Part.PEER, state__in=SEATABLE
    )
    rows = people.exclude(pk__in=here).exclude(pk__in=waiting).select_related("member")
    return list(rows.order_by("member__family_name", "member__given_name", "id"))


@methods
@member_view(Permission.PARTNERSHIPS_MANAGE)
def join(request: MemberRequest, partnership_id: UUID) -> HttpResponse:
    """Join two circles: which name, and whose charter and calendar stay, is chosen."""
    partnership = managed(request, partnership_id)
    if not is_circles(partnership.cohort) or not partnership.is_open:
        raise Http404
    others = _others(partnership)
    form = _JoinForm(
        request.POST if request.method == "POST" else None,
        partnership=partnership,
        circles=[(str(other.pk), words) for other, words in others],
    )
    if kept := act(lambda: _join(request, partnership, others, form.cleaned_data), form):
        words = ngettext(
            "%(name)s has %(n)d person now. All of them are told.",
            "%(name)s has %(n)d people now. All of them are told.",
            len(open_seats(kept)),
        )
        messages.success(request, words % {"name": kept.name, "n": len(open_seats(kept))})
        return redirect("pairing:partnership", request.member.organisation.slug, kept.pk)
    context = {
        "cohort": partnership.cohort,
        "partnership": partnership,
        "people": len(open_seats(partnership)),
        "others": others,
    }
    return form_page(request, "pairing/join_circles.html", form, context)


def _others(partnership: Partnership) -> list[tuple[Partnership, str]]:
    """Return the circles it could join with, in words that name size and score together."""
    tables = SeatedTables(partnership.cohort)
    here = len(open_seats(partnership))
    most = partnership.cohort.program.circle_max
    choices = []
    for other in tables.partnerships.values():
        people = len(other.people)  # type: ignore[attr-defined]  # for_list
        if other.pk == partnership.pk or here + people > most:
            continue
        score = tables.joined(partnership.pk, other.pk)
        words = _("%(name)s: together %(n)d people, score %(score)s") % {
            "name": other.name,
            "n": here + people,
            "score": "–" if score is None else score,
        }
        choices.append((other, words, score or 0))
    choices.sort(key=lambda choice: (-choice[2], choice[0].name))
    return [(other, words) for other, words, _score in choices]


def _join(
    request: MemberRequest,
    partnership: Partnership,
    others: Sequence[tuple[Partnership, str]],
    choice: dict[str, str],
) -> Partnership:
    other = next(row for row, _words in others if str(row.pk) == choice["other"])
    kept, joining = partnership, other
    if choice["stays"] == _JoinForm.OTHER:
        kept, joining = joining, kept
    name = partnership.name if choice["name"] == _JoinForm.THIS else other.name
    return operations.join_circles(kept=kept, joining=joining, name=name, by=request.member)
