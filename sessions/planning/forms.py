"""What people may type when they plan a season, ask about times, or answer an invitation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.common import clock
from core.ui.forms import Moment, Taps, VersionedForm, VideoField, wall, zone_help
from programs.models.programs import CadenceUnit
from sessions.models.polls import PollAnswer, PollTime
from sessions.models.sessions import CancelCause, Session
from sessions.planning.engine.cadence import Cadence
from sessions.planning.queries.availability import Proposal


class _MayClash(forms.Form):
    """A form that says once who has another session then, and is saved all the same."""

    # filled in once the page has said so
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def warned(self) -> bool:
        """Say whether whoever sends it has read the warning."""
        return bool(self.cleaned_data["anyway"])

    def warn(self) -> None:
        """Let the next sending of what was typed be one that has been warned."""
        assert isinstance(self.data, QueryDict)
        self.data = data = self.data.copy()
        data["anyway"] = "yes"


class MoveForm(_MayClash, VersionedForm):
    """When a session is to be, and how long; to partners also what it is about and where."""

    starts_at = Moment(label=gettext_lazy("When"))
    duration_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=10, max_value=480
    )
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=200, required=False)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=300, required=False)
    video_url = VideoField()

    def __init__(self, data: Any = None, *, session: Session, words: bool) -> None:
        super().__init__(
            data,
            initial={
                "starts_at": wall(session.starts_at),
                "duration_minutes": session.duration_minutes,
                "topic": session.topic,
                "place": session.place,
                "video_url": session.video_url,
            },
        )
        zone_help(self.fields["starts_at"])
        if not words:
            del self.fields["topic"], self.fields["place"], self.fields["video_url"]


class CancelForm(forms.Form):
    cause = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=CancelCause.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("It is counted, and nobody is blamed for it."),
    )


OWN_TIMES = 3
LEAST_TIMES, MOST_TIMES = 3, 6


class PlanForm(_MayClash):
    """When the season begins, how often it comes, and where.

    `shows` says that somebody only wants to see the dates.  Where a season that is moved meets
    is for those who come: for anybody else the form has no `words`, and leaves them as they are.
    """

    first_at = Moment(label=gettext_lazy("First session"))
    cadence_every = forms.IntegerField(label=gettext_lazy("Then every"), min_value=1, max_value=90)
    cadence_unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=CadenceUnit.choices, widget=forms.RadioSelect
    )
    count = forms.IntegerField(label=gettext_lazy("How many sessions"), min_value=1, max_value=60)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=300, required=False)
    video_url = VideoField()

    def __init__(
        self,
        data: Any = None,
        *,
        initial: Mapping[str, Any],
        moves: bool,
        words: bool,
        links_itself: bool,
    ) -> None:
        first_at = initial["first_at"]
        super().__init__(data, initial={**initial, "first_at": wall(first_at)})
        zone_help(self.fields["first_at"])
        if moves:
            del self.fields["count"]
        if moves and not words:
            del self.fields["place"], self.fields["video_url"]
        elif links_itself and not moves:
            self.fields["video_url"].help_text = _(
                "Empty: the season gets a room of its own. With https:// in front."
            )

    @property
    def shows(self) -> bool:
        return "show" in self.data

    @property
    def cadence(self) -> Cadence:
        return Cadence(self.cleaned_data["cadence_every"], self.cleaned_data["cadence_unit"])


class PollForm(_MayClash):
    """Which times are proposed, until when, and whether the best is taken by itself."""

    times = forms.MultipleChoiceField(
        label=gettext_lazy("Times that suit most"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    closes_days = forms.TypedChoiceField(
        label=gettext_lazy("Open for"),
        coerce=int,
        choices=[
            (2, gettext_lazy("2 days")),
            (3, gettext_lazy("3 days")),
            (5, gettext_lazy("5 days")),
            (7, gettext_lazy("7 days")),
        ],
        initial=3,
        widget=Taps,
    )
    confirms_itself = forms.BooleanField(
        label=gettext_lazy("Take the best time by itself"),
        help_text=gettext_lazy(
            "When all have answered or the time is over. Otherwise you confirm it."
        ),
        required=False,
        initial=True,
    )

    def __init__(self, data: Any = None, *, proposals: Sequence[Proposal], at: datetime) -> None:
        super().__init__(data)
        self.at = at
        self.offered = {
            proposal.starts_at.isoformat(): proposal.starts_at for proposal in proposals
        }
        times = self.fields["times"]
        assert isinstance(times, forms.MultipleChoiceField)
        times.choices = [
            (proposal.starts_at.isoformat(), _words(proposal)) for proposal in proposals
        ]
        times.initial = list(self.offered)[:4]
        closing = {name: self.fields.pop(name) for name in ("closes_days", "confirms_itself")}
        for n in range(1, OWN_TIMES + 1):
            field = Moment(label=_("Another time"), required=False)
            zone_help(field)
            self.fields[f"own_{n}"] = field
        self.fields |= closing

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        chosen = [self.offered[key] for key in values.get("times", [])]
        own = [time for n in range(1, OWN_TIMES + 1) if (time := values.get(f"own_{n}"))]
        wanted = sorted({*chosen, *own})
        if self.errors:
            return
        closes_at = clock.now() + timedelta(days=values["closes_days"])
        if not LEAST_TIMES <= len(wanted) <= MOST_TIMES:
            self.add_error("times", _("Propose three to six different times."))
        elif wanted[0] < closes_at:
            warning = _("The first time, %(when)s, would be over or near before the poll closes.")
            when = date_format(wall(wanted[0]), "j F, H:i")
            self.add_error("closes_days", warning % {"when": when})
        values["wanted"], values["own"], values["closes_at"] = wanted, own, closes_at


def _words(proposal: Proposal) -> str:
    """Return a proposed time with how many it suits."""
    of = len(proposal.people)
    suits = (
        _("all can")
        if proposal.suits_all
        else ngettext("%(n)d of %(of)d can", "%(n)d of %(of)d can", proposal.can)
        % {"n": proposal.can, "of": of}
    )
    return f"{date_format(wall(proposal.starts_at), 'l j F, H:i')}: {suits}"


class PollAnswerForm(forms.Form):
    def __init__(
        self, data: Any = None, *, times: Sequence[PollTime], answers: Mapping[UUID, str]
    ) -> None:
        super().__init__(data)
        self.times = {f"time_{time.pk.hex}": time for time in times}
        for name, time in self.times.items():
            self.fields[name] = forms.ChoiceField(
                label=date_format(wall(time.starts_at), "l j F, H:i"),
                choices=PollAnswer.Says.choices,
                initial=answers.get(time.pk),
                widget=Taps,
                error_messages={"required": _("Say yes, possible or no.")},
            )

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Return what was chosen, in words, though it came too late."""
        words = dict(PollAnswer.Says.choices)
        chosen = [(str(self.fields[name].label), self.data.get(name, "")) for name in self.times]
        return [(label, str(words[field])) for label, field in chosen if field in words]

    @property
    def says(self) -> dict[PollTime, str]:
        return {time: self.cleaned_data[name] for name, time in self.times.items()}
