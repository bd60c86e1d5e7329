"""What a person may type when joining, inviting and choosing; what may happen is in operations."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.accounts.operations import organisations
from core.common.countries import countries
from core.common.video import ROOM, https_link
from core.members.models import Member, MemberQuerySet, User
from core.members.permissions import grantable_roles, token_scopes_of
from core.ui.forms import DateInput
from core.ui.theme import ACCENTS

SCOPE_WORDS = {
    "people.read": _("Read people and their work facts"),
    "facts.read": _("Read facts: who, when, state; never words"),
    "figures.read": _("Read figures"),
    "partnerships.manage": _("Change partnerships: matching, publishing, ending"),
}


@cache
def time_zones() -> list[tuple[str, str]]:
    places = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/", "US/"))
    )
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class OrganisationNameForm(forms.Form):
    organisation_name = forms.CharField(label=_("Organisation"), max_length=120)
    given_name = forms.CharField(
        label=_("Given name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Family name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    @property
    def owner(self) -> dict[str, str]:
        names = {key: self.cleaned_data[key] for key in ("given_name", "family_name")}
        return {"name": self.cleaned_data["organisation_name"], **names}


class SignupForm(OrganisationNameForm):
    """Added to allauth's sign-up: who you are and the organisation you open."""

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user exists: open the organisation with its owner."""
        organisations.create_organisation(user=user, **self.owner)


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    given_name = forms.CharField(label=_("Given name"), max_length=150)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(by)


def role_field(by: Member) -> forms.ChoiceField:
    """Return a choice of the roles that this member may give, the smallest first."""
    roles = [Member.Role(role) for role in reversed(grantable_roles(by))]
    return forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in roles],
        initial=Member.Role.PARTICIPANT,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.initial.get("role")
        self.fields["role"] = role_field(by)
        self.fields["role"].initial = initial


class WorkFactsForm(forms.Form):
    """What a coordinator knows of a person: a field for each of Member.WORK_FACTS.

    As the model has it, but for those whose widget or words are declared here.
    """

    field_order = NAMED = ("given_name", "family_name", *Member.WORK_FACTS)

    languages = forms.CharField(
        label=_("Languages"),
        help_text=_("With commas between them"),
        max_length=400,
        required=False,
    )
    manager = forms.EmailField(
        label=_("Manager"), help_text=_("Their work e-mail"), max_length=254, required=False
    )
    hired_on = forms.DateField(label=_("Hired on"), widget=DateInput, required=False)

    def __init__(self, *args: Any, people: MemberQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["country"] = _country()
        self.fields["time_zone"] = _own_zone(self.initial.get("time_zone", ""))
        plain = [name for name in self.NAMED if name not in self.fields]
        self.fields |= forms.fields_for_model(Member, plain)
        self.order_fields(self.NAMED)

    @classmethod
    def about(cls, member: Member, people: MemberQuerySet, data: Any = None) -> WorkFactsForm:
        known = {name: getattr(member, name) for name in cls.NAMED}
        known["languages"] = ", ".join(member.languages)
        known["manager"] = member.manager.email if member.manager else ""
        return cls(data, initial=known, people=people)

    def clean_languages(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["languages"].split(",")]
        names = list(dict.fromkeys(name for name in names if name))
        if any(len(name) > 40 for name in names):
            raise forms.ValidationError(_now("A language may be 40 characters long."))
        return names

    def clean_manager(self) -> Member | None:
        email = self.cleaned_data["manager"]
        if not email:
            return None
        manager = self.people.filter(email__iexact=email).first()
        if manager is None:
            raise forms.ValidationError(_now("Nobody in your organisation has this e-mail."))
        return manager


def _own_zone(current: str) -> forms.ChoiceField:
    """Return a choice of time zones that keeps what stands there, from wherever it came."""
    choices = [("", _("As the organisation")), *time_zones()]
    if current and current not in dict(choices):
        choices.insert(1, (current, current))
    return forms.ChoiceField(label=_("Time zone"), choices=choices, required=False)


def _country(*, help_text: Any = "") -> forms.ChoiceField:
    """Return a choice of countries by name; none means that no holidays are known."""
    return forms.ChoiceField(
        label=_("Country"),
        choices=[("", _("Not said")), *countries().items()],
        help_text=help_text,
        required=False,
    )


class ProfileForm(forms.Form):
    given_name = forms.CharField(label=_("Given name"), max_length=150)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    location = forms.CharField(
        label=_("Location"),
        help_text=_("Where you usually work; it may help to find a partner near you"),
        max_length=200,
        required=False,
    )
    country = forms.ChoiceField(label=_("Country"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"] = _country(
            help_text=_("No session is planned on a public holiday of yours if it can be helped")
        )
        self.fields["time_zone"] = _own_zone(self.initial.get("time_zone", ""))


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("A fact's day is a day here"), choices=[]
    )
    accent = forms.ChoiceField(
        label=_("Accent colour"),
        help_text=_("Each is readable on every ground, by light and by dark"),
        choices=[(accent.name, accent.label) for accent in ACCENTS],
        widget=forms.RadioSelect,
    )
    video_template = forms.CharField(
        label=_("Video link of sessions"),
        help_text=_(
            "{room} becomes a room of its own for each season, as in https://meet.jit.si/{room}."
            " Empty: sessions bring no link"
        ),
        max_length=200,
        required=False,
    )
    threshold = forms.IntegerField(
        label=_("Smallest group shown"),
        help_text=_("Figures about fewer people than this are hidden"),
        min_value=3,
        max_value=50,
    )
    retention_days = forms.IntegerField(
        label=_("Days that personal records are kept"),
        help_text=_("Counted from the end of a cohort"),
        min_value=30,
        max_value=3650,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        current = self.initial.get("time_zone", "UTC")
        known = time_zones()
        zone.choices = known if current in dict(known) else [(current, current), *known]

    def clean_video_template(self) -> str:
        template: str = self.cleaned_data["video_template"]
        if template and template.count(ROOM) != 1:
            raise forms.ValidationError(
                _now("Write {room} once, where the room’s name goes: each season has its own.")
            )
        if template:
            https_link(template.replace(ROOM, "room"))
        return template


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), help_text=_("What will use it, so that you know it later"), max_length=80
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [
            (str(scope), SCOPE_WORDS.get(str(scope), str(scope))) for scope in token_scopes_of(by)
        ]


class AcceptForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least ten characters"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password


class AuditForm(forms.Form):
    verb = forms.ChoiceField(label=_("What happened"), required=False)
    by = forms.ChoiceField(label=_("Who did it"), required=False)

    def __init__(
        self, *args: Any, verbs: list[tuple[str, str]], people: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, first, choices in (
            ("verb", _("Anything"), verbs),
            ("by", _("Anybody"), people),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", first), *choices]
