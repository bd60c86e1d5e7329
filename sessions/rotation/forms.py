"""What a person may type about turns that change hands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ui.forms import wall
from pairing.models.partnerships import Seat
from programs.models.parts import MeetingRole
from sessions.models.offers import DeclineReason
from sessions.models.sessions import Turn


class AssignForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    seat = forms.ChoiceField(label=gettext_lazy("Who takes it"))

    def __init__(
        self, data: Any = None, *, roles: Iterable[MeetingRole], seats: Iterable[Seat]
    ) -> None:
        super().__init__(data)
        self.roles = {str(role.pk): role for role in roles}
        self.seats = {str(seat.pk): seat for seat in seats}
        role, seat = self.fields["role"], self.fields["seat"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(seat, forms.ChoiceField)
        role.choices = [(key, row.name) for key, row in self.roles.items()]
        seat.choices = [(key, row.enrolment.member.full_name) for key, row in self.seats.items()]

    @property
    def chosen(self) -> tuple[MeetingRole, Seat]:
        return self.roles[self.cleaned_data["role"]], self.seats[self.cleaned_data["seat"]]


class SwapForm(forms.Form):
    first = forms.ChoiceField(label=gettext_lazy("This turn"))
    second = forms.ChoiceField(label=gettext_lazy("and this one"))

    def __init__(self, data: Any = None, *, turns: Iterable[Turn]) -> None:
        super().__init__(data)
        self.turns = {str(turn.pk): turn for turn in turns}
        choices = [(key, self._words(turn)) for key, turn in self.turns.items()]
        for field in self.fields.values():
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
            field.error_messages["invalid_choice"] = _("This turn has changed. Choose again.")

    @staticmethod
    def _words(turn: Turn) -> str:
        return _("%(day)s, %(role)s: %(name)s") % {
            "day": date_format(wall(turn.session.starts_at), "j F"),
            "role": turn.role.name,
            "name": turn.seat.enrolment.member.full_name,
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "first" in values and "second" in values:
            first, second = self.chosen
            if first.seat_id == second.seat_id:
                self.add_error("second", _("Choose a turn of somebody else."))
        return values

    @property
    def chosen(self) -> tuple[Turn, Turn]:
        return self.turns[self.cleaned_data["first"]], self.turns[self.cleaned_data["second"]]


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
        help_text=gettext_lazy("It is counted, never held against you."),
    )
    words = forms.CharField(
        label=gettext_lazy("To your circle, if you like"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Only the partners read it."),
    )


class TakeForm(forms.Form):
    role = forms.ChoiceField()

    def __init__(self, data: Any, *, roles: Iterable[MeetingRole]) -> None:
        super().__init__(data)
        self.roles = {str(role.pk): role for role in roles}
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [(key, row.name) for key, row in self.roles.items()]

    @property
    def chosen(self) -> MeetingRole:
        return self.roles[self.cleaned_data["role"]]


class SwapRequestForm(forms.Form):
    """Which of my turns for which of somebody else's."""

    mine = forms.ChoiceField(label=gettext_lazy("My turn"))
    theirs = forms.ChoiceField(
        label=gettext_lazy("for this one"),
        help_text=gettext_lazy("They get an e-mail and say yes or no. Until then nothing changes."),
    )

    def __init__(self, data: Any = None, *, mine: Iterable[Turn], theirs: Iterable[Turn]) -> None:
        super().__init__(data)
        self.turns = {str(turn.pk): turn for turn in (*mine, *theirs)}
        for name, turns in (("mine", mine), ("theirs", theirs)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(str(turn.pk), self._words(turn)) for turn in turns]
            field.error_messages["invalid_choice"] = _("This turn has changed. Choose again.")

    @staticmethod
    def _words(turn: Turn) -> str:
        return _("%(day)s, %(role)s: %(name)s") % {
            "day": date_format(localtime(turn.session.starts_at), "j F"),
            "role": turn.role.name,
            "name": turn.seat.enrolment.member.full_name,
        }

    @property
    def chosen(self) -> tuple[Turn, Turn]:
        return self.turns[self.cleaned_data["mine"]], self.turns[self.cleaned_data["theirs"]]
