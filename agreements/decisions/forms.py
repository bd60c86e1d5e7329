"""What a person may type about a decision; what may happen is the operations' to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.decisions import counting
from agreements.decisions.models import (
    REASON_LENGTH,
    Adviser,
    Decision,
    Method,
    Quorum,
    Vote,
    Wording,
)
from agreements.decisions.queries.ballots import ANSWERS
from core.tenancy.days import today
from core.ui.forms import DateInput, Taps
from pairing.models.partnerships import Seat

MOST_OPTIONS = 8
WINDOWS = [
    (0, gettext_lazy("In the meeting")),
    (3, gettext_lazy("3 days")),
    (5, gettext_lazy("5 days")),
    (7, gettext_lazy("7 days")),
]
REVIEWS = [
    (4, gettext_lazy("In 4 weeks")),
    (8, gettext_lazy("In 8 weeks")),
    (12, gettext_lazy("In 12 weeks")),
    (26, gettext_lazy("In half a year")),
]
#: Each method in a line, for who has to choose one.
METHODS = [
    (Method.CONSENT, gettext_lazy("Consent: nobody objects")),
    (Method.CONSENSUS, gettext_lazy("Consensus: all carry it, one may block")),
    (Method.GRADIENTS, gettext_lazy("Gradients: eight steps from for to against")),
    (Method.ADVICE, gettext_lazy("Advice: one decides after asking others")),
    (Method.SENSE_CHECK, gettext_lazy("Sense check: where do we stand? Binds nobody")),
    (Method.DOTS, gettext_lazy("Choice by dots: three dots each")),
    (Method.RANKED, gettext_lazy("Choice by ranking: each puts options in order")),
]


class _OptionsField(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> list[str]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        options = list(dict.fromkeys(line for line in lines if line))
        if len(options) > MOST_OPTIONS:
            raise forms.ValidationError(_("At most %(n)d options.") % {"n": MOST_OPTIONS})
        if any(len(option) > 120 for option in options):
            raise forms.ValidationError(_("At most 120 characters an option."))
        return options


class _TextForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("The proposal in one sentence"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("More about it"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-draft": "proposal"}),
        help_text=gettext_lazy("What it solves, what it costs, what you have thought of."),
    )
    options = _OptionsField(
        label=gettext_lazy("Options"),
        required=False,
        help_text=gettext_lazy("One a line, two or more."),
    )

    def _check_options(self, method: str) -> None:
        options = self.cleaned_data.get("options")
        if method in counting.CHOICES and options is not None and len(options) < 2:
            self.add_error("options", _("Name two options or more, one a line."))


A_CIRCLE = 2  # as many others at the table, or more


class ProposalForm(_TextForm):
    method = forms.ChoiceField(
        label=gettext_lazy("How you decide"), choices=METHODS, widget=forms.RadioSelect
    )
    quorum = forms.ChoiceField(
        label=gettext_lazy("Who has to answer"), choices=Quorum.choices, widget=Taps
    )
    window_days = forms.TypedChoiceField(
        label=gettext_lazy("How long answers are taken"),
        choices=WINDOWS,
        coerce=int,
        widget=Taps,
    )
    review_weeks = forms.TypedChoiceField(
        label=gettext_lazy("When you look at it again"), choices=REVIEWS, coerce=int, widget=Taps
    )
    practice = forms.BooleanField(
        label=gettext_lazy("This is an exercise"),
        required=False,
        help_text=gettext_lazy("To practise deciding together. It is left out of every figure."),
    )

    pause_until = forms.DateField(
        label=gettext_lazy("If it is adopted, you pause until"),
        required=False,
        widget=DateInput,
        help_text=gettext_lazy(
            "For a break of the whole circle: sessions until then are cancelled, and all are told."
        ),
    )

    def __init__(self, data: Any = None, *, seats: Iterable[Seat], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.seats = list(seats)
        if len(self.seats) < A_CIRCLE:  # of two either pauses alone
            del self.fields["pause_until"]
        advisers = self.initial.get("advisers", {})
        for seat in self.seats:
            self.fields[_adviser(seat)] = forms.ChoiceField(
                label=seat.enrolment.member.full_name,
                choices=[("", _("Do not ask")), *Adviser.Reason.choices],
                initial=advisers.get(seat.pk, ""),
                required=False,
            )
        order = ["title", "text", "method", "options", *(_adviser(seat) for seat in self.seats)]
        self.order_fields(
            [*order, "quorum", "window_days", "review_weeks", "pause_until", "practice"]
        )

    @property
    def advisers(self) -> list[forms.BoundField]:
        """One field a person: whether their advice is asked for, and why theirs."""
        return [self[_adviser(seat)] for seat in self.seats]

    def clean_pause_until(self) -> date | None:
        until: date | None = self.cleaned_data["pause_until"]
        if until and until <= today():
            raise ValidationError(_("Name a day to come."))
        return until

    def clean(self) -> dict[str, object]:
        """Return the proposal, field by field; the advisers by their seats."""
        proposal = dict(self.cleaned_data)
        reasons = {seat.pk: proposal.pop(_adviser(seat), "") for seat in self.seats}
        advisers = {seat: reason for seat, reason in reasons.items() if reason}
        method = proposal.get("method", "")
        self._check_options(method)
        if method == Method.ADVICE and self.seats and not advisers:
            self.add_error(_adviser(self.seats[0]), _("Ask one person or more."))
        return {**proposal, "advisers": advisers}


def _adviser(seat: Seat) -> str:
    return f"adviser_{seat.pk.hex}"


class AmendForm(_TextForm):
    """The proposal in other words, and the objections that it takes up."""

    integrates = forms.MultipleChoiceField(
        label=gettext_lazy("Objections that the new text takes up"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, decision: Decision, wording: Wording, objections: Sequence[Vote]
    ) -> None:
        super().__init__(
            data,
            initial={
                "title": wording.title,
                "text": wording.text,
                "options": "\n".join(wording.options),
                "integrates": [str(vote.pk) for vote in objections],
                "version": wording.version,
            },
        )
        self.method, self.votes = decision.method, {str(vote.pk): vote for vote in objections}
        if not decision.is_choice:
            del self.fields["options"]
        field = self.fields["integrates"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (key, f"{vote.seat.enrolment.member.full_name}: {vote.reason}")
            for key, vote in self.votes.items()
        ]
        if not self.votes:
            del self.fields["integrates"]

    def clean(self) -> None:
        self._check_options(self.method)

    def clean_integrates(self) -> list[Vote]:
        return [self.votes[key] for key in self.cleaned_data["integrates"]]


class RemarkForm(forms.Form):
    """A question, an answer to one, or a reaction, which without words is a pass."""

    words = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, is_reaction: bool = False, **options: Any) -> None:
        super().__init__(data, **options)
        if is_reaction:
            words = self.fields["words"]
            words.label, words.required = _("Your reaction"), False
            words.help_text = _("One round, everybody once. Leave it empty to pass.")


class VoteForm(forms.Form):
    """An answer as the method asks for it, with a reason where it binds the others."""

    reason = forms.CharField(
        label=gettext_lazy("Because"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # the ballot that is read, so that no answer is taken to a text of after it
    read = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        method: str,
        options: Sequence[str],
        mine: Vote | None,
        ballot: int,
    ) -> None:
        super().__init__(data, initial={"reason": mine.reason if mine else "", "read": ballot})
        self.method, self.options = counting.Method(method), list(options)
        marks = list(mine.marks) if mine else []
        own, read = self.fields["reason"], self.fields["read"]
        own.help_text = self._reason_help()
        if self.method == counting.Method.DOTS:
            self.fields = self._dots(marks) | {"reason": own, "read": read}
        elif self.method == counting.Method.RANKED:
            self.fields = self._ranks(marks) | {"reason": own, "read": read}
        elif self.method == counting.Method.ADVICE:
            own.label, own.required = _("Your advice"), True
        else:
            self.fields = {"answer": self._answers(mine.answer if mine else "")} | {
                "reason": own,
                "read": read,
            }

    def _reason_help(self) -> str:
        if self.method == counting.Method.CONSENT:
            return _("If you object: how would it harm what you are here for?")
        if self.method == counting.Method.CONSENSUS:
            return _("A block needs a reason that the others can work with.")
        if self.method == counting.Method.GRADIENTS:
            return _("Steps 7 and 8 need a reason.")
        return ""

    def _answers(self, mine: str) -> forms.Field:
        choices = [(key, ANSWERS[key]) for key in counting.ANSWERS[self.method]]
        few = len(choices) <= 3
        return forms.ChoiceField(
            label=_("Your answer"),
            choices=choices,
            initial=mine,
            widget=Taps if few else forms.RadioSelect,
        )

    def _dots(self, marks: Sequence[int]) -> dict[str, forms.Field]:
        return {
            f"option_{n}": forms.IntegerField(
                label=option,
                min_value=0,
                max_value=counting.DOTS_EACH,
                initial=marks[n] if n < len(marks) else 0,
                required=False,
            )
            for n, option in enumerate(self.options)
        }

    def _ranks(self, marks: Sequence[int]) -> dict[str, forms.Field]:
        places = [("", _("not ranked")), *((n, str(n)) for n in range(1, len(self.options) + 1))]
        return {
            f"option_{n}": forms.TypedChoiceField(
                label=option,
                choices=places,
                coerce=int,
                initial=marks.index(n) + 1 if n in marks else "",
                required=False,
            )
            for n, option in enumerate(self.options)
        }

    def clean(self) -> dict[str, object]:
        """Return what the operation takes: an answer or marks, the reason, and to which ballot."""
        reason, answer = self.cleaned_data.get("reason", ""), self.cleaned_data.get("answer", "")
        read = self.cleaned_data.get("read")
        if (self.method, answer) in counting.NEED_REASON and not reason:
            self.add_error("reason", _("Say why: the others need it to go on."))
        if self.method not in counting.CHOICES:
            if self.method == counting.Method.ADVICE:
                answer = counting.Method.ADVICE.value
            return {"answer": answer, "reason": reason, "read": read}
        marks = [] if self.errors else self._marks()
        if not self.errors:
            self._check_marks(marks)
        return {"marks": marks, "reason": reason, "read": read}

    def _check_marks(self, marks: list[int]) -> None:
        first = next(iter(self.fields))
        if self.method == counting.Method.DOTS and not 0 < sum(marks) <= counting.DOTS_EACH:
            self.add_error(first, _("Give one to %(n)d dots in all.") % {"n": counting.DOTS_EACH})
        if self.method == counting.Method.RANKED and not marks:
            self.add_error(first, _("Rank one option or more."))

    def _marks(self) -> list[int]:
        marks = [self.cleaned_data.get(f"option_{n}") or 0 for n in range(len(self.options))]
        if self.method == counting.Method.DOTS:
            return marks
        ranked = sorted((place, n) for n, place in enumerate(marks) if place)
        if len({place for place, _n in ranked}) < len(ranked):
            self.add_error(next(iter(self.fields)), _("Give each place to one option."))
        return [n for _place, n in ranked]


class DecideForm(forms.Form):
    adopt = forms.TypedChoiceField(
        label=gettext_lazy("You decide"),
        choices=[("yes", gettext_lazy("We do it")), ("no", gettext_lazy("We don’t"))],
        coerce=lambda value: value == "yes",
        widget=Taps,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, having heard the advice"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OutcomeForm(forms.Form):
    owner = forms.ChoiceField(label=gettext_lazy("Who takes care of it"))
    action = forms.CharField(
        label=gettext_lazy("What they do first"), max_length=300, required=False
    )
    due_on = forms.DateField(label=gettext_lazy("By when"), required=False, widget=DateInput)
    review_on = forms.DateField(
        label=gettext_lazy("When you look at it again"),
        required=False,
        widget=DateInput,
        help_text=gettext_lazy("On that day it comes back by itself, to the next agenda."),
    )

    def __init__(self, data: Any = None, *, decision: Decision, seats: Iterable[Seat]) -> None:
        action = decision.action
        super().__init__(
            data,
            initial={
                "owner": str(decision.owner_id or ""),
                "action": action.words if action and action.is_open else "",
                "due_on": action.due_on if action and action.is_open else None,
                "review_on": decision.review_on,
            },
        )
        self.seats = {str(seat.pk): seat for seat in seats}
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [(key, seat.enrolment.member.full_name) for key, seat in self.seats.items()]

    def clean_owner(self) -> Seat:
        return self.seats[self.cleaned_data["owner"]]


class KeepForm(forms.Form):
    review_on = forms.DateField(
        label=gettext_lazy("Look at it again on"), required=False, widget=DateInput
    )
