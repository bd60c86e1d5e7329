"""What a person may type about turns that change hands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import offer_rows, wall
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from sessions.models.offers import DeclineReason
from sessions.models.sessions import Turn

CHANGED = {"invalid_choice": gettext_lazy("This turn has changed. Choose again.")}


def _turn_words(turn: Turn) -> str:
    return _("%(day)s, %(role)s: %(name)s") % {
        "day": date_format(wall(turn.session.starts_at), "j F"),
        "role": turn.role.name,
        "name": turn.seat.enrolment.member.full_name,
    }


class AssignForm(forms.Form):
    role = forms.TypedChoiceField(label=gettext_lazy("Role"))
    seat = forms.TypedChoiceField(label=gettext_lazy("Who takes it"))

    def __init__(
        self, data: Any = None, *, roles: Iterable[MeetingRole], seats: Iterable[Seat]
    ) -> None:
        super().__init__(data)
        offer_rows(self, "role", roles, lambda role: role.name)
        offer_rows(self, "seat", seats, lambda seat: seat.enrolment.member.full_name)


class SwapForm(forms.Form):
    """Two turns of two people, in one session or in two."""

    first = forms.TypedChoiceField(label=gettext_lazy("This turn"), error_messages=CHANGED)
    second = forms.TypedChoiceField(label=gettext_lazy("and this one"), error_messages=CHANGED)

    def __init__(self, data: Any = None, *, turns: Sequence[Turn]) -> None:
        super().__init__(data)
        offer_rows(self, "first", turns, _turn_words)
        offer_rows(self, "second", turns, _turn_words)

    def clean(self) -> None:
        super().clean()
        first, second = self.cleaned_data.get("first"), self.cleaned_data.get("second")
        if first and second and first.seat_id == second.seat_id:
            self.add_error("second", _("Choose a turn of somebody else."))


class OfferAnswerForm(forms.Form):
    """Yes or no to taking a turn: the two buttons of the page."""

    answer = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])

    @property
    def accepts(self) -> bool:
        return str(self.cleaned_data["answer"]) == "yes"


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It is counted, and nobody blames you for it."),
    )
    words = forms.CharField(
        label=gettext_lazy("To your circle, if you like"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Only the partners read it."),
    )


class TakeForm(forms.Form):
    role = forms.TypedChoiceField()

    def __init__(self, data: Any, *, roles: Iterable[MeetingRole]) -> None:
        super().__init__(data)
        offer_rows(self, "role", roles, lambda role: role.name)


class SwapRequestForm(forms.Form):
    """Which of my turns for which of somebody else's."""

    mine = forms.TypedChoiceField(label=gettext_lazy("My turn"), error_messages=CHANGED)
    theirs = forms.TypedChoiceField(
        label=gettext_lazy("for this one"),
        help_text=gettext_lazy("They get an e-mail and say yes or no. Until then nothing changes."),
        error_messages=CHANGED,
    )

    def __init__(self, data: Any = None, *, mine: Iterable[Turn], theirs: Iterable[Turn]) -> None:
        super().__init__(data)
        offer_rows(self, "mine", mine, _turn_words)
        offer_rows(self, "theirs", theirs, _turn_words)
