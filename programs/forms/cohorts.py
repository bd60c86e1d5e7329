"""Cohorts: dates and places; and who is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.accounts.forms import work_fact_choices
from core.accounts.queries import INVITED
from core.members.models import Member
from core.ui.forms import DateInput, FilterForm, VersionedForm
from programs.models.programs import Cohort, Enrolment
from programs.operations.enrolments import MAX_CAPACITY, parts_of
from programs.queries.eligibility import FACTS
from programs.queries.lists import ANSWERED, EnrolmentFilter

MOST_PLACES = 100_000


# the columns of a cohort that its form holds; who is eligible is said in lines
OWN = ("name", "entry", "enrol_until", "starts_on", "ends_on", "length_days", "places")


class CohortForm(VersionedForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("What people call this run: Spring 2027, for example."),
    )
    entry = forms.ChoiceField(
        label=gettext_lazy("Who gets in"),
        help_text=gettext_lazy(
            "By application a coordinator decides; open to all accepts at once while places last;"
            " by invitation only coordinators enter people, and nobody else sees it."
        ),
        choices=Cohort.Entry.choices,
        initial=Cohort.Entry.APPLICATION,
        widget=forms.RadioSelect,
        required=False,
    )
    enrol_until = forms.DateField(
        label=gettext_lazy("Last day to enrol"),
        help_text=gettext_lazy("Matching begins the day after, if every application is decided."),
        widget=DateInput,
        required=False,
    )
    starts_on = forms.DateField(label=gettext_lazy("First day"), widget=DateInput)
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Leave empty for a rolling cohort, which people join all the time."),
        widget=DateInput,
        required=False,
    )
    length_days = forms.IntegerField(
        label=gettext_lazy("Days of a partnership, in a rolling cohort"),
        help_text=gettext_lazy("Each partnership ends so many days after it began."),
        min_value=7,
        max_value=1100,
        required=False,
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("Leave empty if everybody who is accepted may come."),
        min_value=1,
        max_value=MOST_PLACES,
        required=False,
    )

    def __init__(self, data: Any = None, *, cohort: Cohort | None = None) -> None:
        initial = {name: getattr(cohort, name) for name in OWN} if cohort else None
        super().__init__(data, initial=initial)
        values = {rule["fact"]: rule["values"] for rule in cohort.eligibility} if cohort else {}
        for fact, (label, _rule) in FACTS.items():
            self.fields[f"only_{fact}"] = forms.CharField(
                label=_("Only these: %(fact)s") % {"fact": label},
                help_text=_("One a line. Leave empty if it does not matter."),
                max_length=2000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial="\n".join(values.get(fact, [])),
            )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The last day must come after the first."))
        if ends_on and cleaned.get("length_days"):
            self.add_error(
                "length_days", _("A cohort with a last day is not rolling: choose one of the two.")
            )
        if not ends_on and not cleaned.get("length_days") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Give a last day, or the days of a partnership below."))

    def answers(self) -> dict[str, Any]:
        """Return what the operations take."""
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in OWN} | {
            "entry": cleaned["entry"] or self.initial.get("entry") or Cohort.Entry.APPLICATION,
            "eligibility": [
                {"fact": fact, "values": values}
                for fact in FACTS
                if (values := _lines(cleaned.get(f"only_{fact}", "")))
            ],
        }


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class EnrolForm(forms.Form):
    """A coordinator enrols somebody by their work e-mail."""

    email = forms.EmailField(
        label=gettext_lazy("Work e-mail"),
        help_text=gettext_lazy("Of somebody who is in your organisation already."),
        max_length=254,
    )
    part = forms.ChoiceField(label=gettext_lazy("Part"))
    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        help_text=gettext_lazy("How many mentees a mentor can take on."),
        min_value=0,
        max_value=MAX_CAPACITY,
        initial=1,
        required=False,
    )

    over_waiting = forms.BooleanField(
        label=gettext_lazy("This person goes ahead of the people who wait"), required=False
    )

    def __init__(self, data: Any = None, *, cohort: Cohort, by: Member, waiting: str) -> None:
        super().__init__(data)
        self.by = by
        if waiting:
            self.fields["over_waiting"].help_text = _("On the waiting list: %(names)s.") % {
                "names": waiting
            }
        else:
            del self.fields["over_waiting"]
        parts = parts_of(cohort.program)
        part = self.fields["part"]
        assert isinstance(part, forms.ChoiceField)
        part.choices = [(value, Enrolment.Part(value).label) for value in parts]
        if len(parts) == 1:
            part.widget = forms.HiddenInput()
            self.initial["part"] = parts[0]
            del self.fields["capacity"]

    def clean_email(self) -> Member:
        people = Member.objects.visible_to(self.by).reachable()
        member = people.filter(email__iexact=self.cleaned_data["email"]).first()
        if member is None:
            raise forms.ValidationError(_("Nobody of your organisation has this e-mail."))
        return member


def enrolment_filters(wanted: EnrolmentFilter, values: Mapping[str, Sequence[str]]) -> FilterForm:
    """Return what narrows the people of a cohort: all but state and part, which are chips."""
    choices = work_fact_choices(values) | {
        "answered": (_("Questions"), list(ANSWERED.items())),
        "invited": (_("Invitation"), list(INVITED.items())),
    }
    return FilterForm(wanted, choices, placeholder=_("Name, e-mail, department"))
