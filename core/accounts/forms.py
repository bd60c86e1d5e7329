"""What a person may type when joining, inviting and choosing; what may happen is in operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_network
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from core.accounts.operations.organisations import RESERVED_SLUGS, SLUG_LENGTH
from core.accounts.queries import INVITED, PeopleFilter, possible_takers, who_left
from core.common import clock
from core.common.countries import countries
from core.common.fetch import is_address
from core.common.pictures import NoPicture, TooManyPixels, redraw
from core.common.video import JITSI, ROOM, https_link
from core.common.zones import city_of
from core.members.access import PULLED
from core.members.models import (
    ApiToken,
    IdentityProvider,
    Invitation,
    Key,
    Member,
    MemberQuerySet,
    User,
)
from core.members.permissions import grantable_roles, token_scopes_of
from core.notifications.channels.email import EmailChannel
from core.notifications.kinds import CHAPTERS
from core.notifications.models import IncomingWebhook
from core.notifications.pacing import Hours, Pace
from core.notifications.queries import EmailChoice
from core.notifications.texts import Text, mistakes
from core.tenancy.models import Organisation, OrganisationSettings
from core.ui.forms import DateInput, FilterForm, VersionedForm
from core.ui.theme import ACCENTS

OFF = "off"
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
SCOPE_WORDS = {
    "outcomes.manage": _("Write and read what HR knows of each person, day by day"),
    "people.manage": _("Enter and change people, and enrol them in cohorts"),
    "people.read": _("Read e-mail, employee id and manager beside a person's facts"),
    "facts.read": _("Read facts: who, when, state; never words"),
    "figures.read": _("Read figures"),
    "webhooks.manage": _("Name addresses that are told of changes, and see what they were sent"),
}


@cache
def time_zones() -> dict[str, list[tuple[str, str]]]:
    """Return the cities that name a time zone, by continent.

    An option begins with its city, so that typing the city in the list finds it.
    """
    continents: dict[str, list[tuple[str, str]]] = {}
    for zone in available_timezones():
        if city := city_of(zone):
            continent = zone.partition("/")[0]
            continents.setdefault(continent, []).append((zone, city))
    return {name: sorted(continents[name], key=lambda zone: zone[1]) for name in sorted(continents)}


class ZoneField(forms.ChoiceField):
    """A time zone by its city; it keeps what stands there, from wherever that came.

    With `propose` the browser's own is chosen where nothing is (app.js).
    """

    def __init__(
        self, *, empty: Any = "", current: str = "", propose: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(**kwargs)
        if propose:
            self.widget.attrs["data-zone"] = "propose"
        known = time_zones()
        listed = {zone for zones in known.values() for zone, _city in zones} | {"UTC"}
        others = [("UTC", "UTC")] if current in listed | {""} else [("UTC", "UTC"), (current,) * 2]
        first = [("", empty)] if empty else []
        self.choices = [*first, *known.items(), (_("Without a place"), others)]


def _languages(**kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Languages"),
        help_text=_("Those you can speak at work, with commas between them"),
        max_length=400,
        required=False,
        **kwargs,
    )


def _split(languages: str) -> list[str]:
    names = [name.strip() for name in languages.split(",")]
    names = list(dict.fromkeys(name for name in names if name))
    if any(len(name) > 40 for name in names):
        raise forms.ValidationError(_now("A language may be 40 characters long."))
    return names


class _PersonForm(VersionedForm):
    """What is known of a person, that two may be changing; languages are typed as one line."""

    def clean_languages(self) -> list[str]:
        return _split(self.cleaned_data["languages"])

    def clean(self) -> None:
        super().clean()
        languages = self.cleaned_data.get("languages")
        if isinstance(languages, str):  # as it is stored: somebody else has changed it meanwhile
            self.cleaned_data["languages"] = _split(languages)

    def _digest(self, name: str, value: object) -> str:
        typed = ", ".join(value) if isinstance(value, list) else value
        return super()._digest(name, typed.email if isinstance(typed, Member) else typed)


def _spoken(accepted: str) -> str:
    """Return the languages that a browser asks for, by name: what its reader is likely to speak."""
    codes = dict.fromkeys(code.partition("-")[0] for code, _q in parse_accept_lang_header(accepted))
    return ", ".join(LANG_INFO[code]["name"] for code in codes if "name" in LANG_INFO.get(code, {}))


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
    time_zone = ZoneField(
        empty=_("Choose a city"),
        propose=True,
        help_text=_("Where most of you are: times are planned and written in it"),
    )

    @property
    def owner(self) -> dict[str, str]:
        kept = {key: self.cleaned_data[key] for key in ("given_name", "family_name", "time_zone")}
        name = self.cleaned_data["organisation_name"]
        return {"name": name, "locale": get_language() or settings.LANGUAGE_CODE, **kept}


class SignUpForm(OrganisationNameForm):
    """Who you are and the organisation you open; how you sign in comes after the proof."""

    field_order = ("email",)

    email = forms.EmailField(
        label=_("Work e-mail"),
        help_text=_("We send a code there"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CodeForm(forms.Form):
    """The code that came by e-mail; `check` says whether it is the one."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, check: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check = check

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not self.check(code):
            raise forms.ValidationError(_now("That is not the code."))
        return code


def work_fact_choices(
    values: Mapping[str, Sequence[str]],
) -> dict[str, tuple[Any, Sequence[tuple[str, Any]]]]:
    """Return what a list of people is narrowed to by work facts, by what there is of each."""
    return {
        name: (Member.fact_label(name), [(value, value) for value in known])
        for name, known in values.items()
    }


def people_filters(wanted: PeopleFilter, values: Mapping[str, Sequence[str]]) -> FilterForm:
    return FilterForm(
        wanted,
        work_fact_choices(values) | {"invited": (_("Invitation"), list(INVITED.items()))},
        placeholder=_("Name, e-mail, department"),
    )


class SegmentForm(VersionedForm):
    """What a segment of people is called; its filters come from the address of the list."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("For example “Engineers in Berlin”. All coordinators see it."),
    )


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
    given_name = forms.CharField(label=_("Given name"), max_length=150)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    same = forms.TypedChoiceField(
        choices=[("yes", _("They are back")), ("no", _("It is somebody else"))],
        coerce=lambda choice: choice == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = who_left(by, str(self.data.get("email", "")).replace("\x00", ""))
        if left:
            words = _now("%(name)s, who has left, had this e-mail.")
            self.fields["same"].label = words % {"name": left.full_name}
        else:
            del self.fields["same"]
        self.fields["role"] = role_field(by)


def role_field(by: Member, *, without: Collection[str] = ()) -> forms.ChoiceField:
    """Return a choice of the roles that this member may give, the smallest first."""
    roles = [Member.Role(role) for role in reversed(grantable_roles(by)) if role not in without]
    return forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in roles],
        initial=Member.Role.PARTICIPANT,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    WITHOUT: ClassVar[Collection[str]] = ()

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.initial.get("role")
        self.fields["role"] = role_field(by, without=self.WITHOUT)
        self.fields["role"].initial = initial


class GroupRoleForm(RoleForm):
    """The role that a group of the directory gives: never an owner's."""

    WITHOUT = (Member.Role.OWNER,)


class WorkFactsForm(_PersonForm):
    """What a coordinator knows of a person: a field for each of Member.WORK_FACTS.

    As the model has it, but for those whose widget or words are declared here.
    """

    field_order = NAMED = ("given_name", "family_name", "email", *Member.WORK_FACTS)

    email = forms.EmailField(label=_("Work e-mail"), max_length=254)
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
        if self.initial.get("state") == Member.State.LIVE:
            self.fields["email"].help_text = _(
                "A new one counts once it is confirmed from there; until then the old one is used"
            )
        plain = [name for name in self.NAMED if name not in self.fields]
        self.fields |= forms.fields_for_model(Member, plain)
        self.order_fields(self.NAMED)

    @classmethod
    def about(cls, member: Member, people: MemberQuerySet, data: Any = None) -> WorkFactsForm:
        known = {name: getattr(member, name) for name in (*cls.NAMED, "state")}
        known["languages"] = ", ".join(member.languages)
        known["manager"] = member.manager.email if member.manager else ""
        return cls(data, initial=known, people=people)

    def clean(self) -> None:
        super().clean()
        if isinstance(self.cleaned_data.get("manager"), str):  # as languages in the same case
            self.cleaned_data["manager"] = self.clean_manager()

    def clean_manager(self) -> Member | None:
        email = self.cleaned_data["manager"]
        if not email:
            return None
        manager = self.people.filter(email__iexact=email).first()
        if manager is None:
            raise forms.ValidationError(_now("Nobody in your organisation has this e-mail."))
        return manager


def _own_zone(current: str) -> ZoneField:
    return ZoneField(empty=_("As the organisation"), current=current, required=False)


def _country(*, help_text: Any = "") -> forms.ChoiceField:
    """Return a choice of countries by name; none means that no holidays are known."""
    return forms.ChoiceField(
        label=_("Country"),
        choices=[("", _("Not said")), *countries().items()],
        help_text=help_text,
        required=False,
    )


def _language(**kwargs: Any) -> forms.ChoiceField:
    """One of the languages that pages and e-mails can have, each by its own name."""
    return forms.ChoiceField(required=False, **kwargs)


class ProfileForm(_PersonForm):
    """What people say of themselves; `own` are the work facts that the organisation leaves them."""

    given_name = forms.CharField(label=_("Given name"), max_length=150)
    family_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    languages = _languages()

    def __init__(self, *args: Any, own: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = _own_zone(self.initial.get("time_zone", ""))
        if len(settings.LANGUAGES) > 1:
            self.fields["language"] = _language(
                label=_("Language of pages and e-mails"),
                choices=[("", _("As our organisation has it")), *settings.LANGUAGES],
            )
        self.fields["country"] = _country(
            help_text=_("No session is planned on a public holiday of yours if it can be helped")
        )
        mine = [name for name in Member.OWN_FACTS if name in own]
        self.fields |= forms.fields_for_model(Member, mine)
        if "location" in self.fields:
            self.fields["location"].help_text = _(
                "Where you usually work; it may help to find a partner near you"
            )

    @classmethod
    def about(cls, member: Member, own: Collection[str], data: Any = None) -> ProfileForm:
        names = ("given_name", "family_name", "time_zone", "language", "country", *own)
        known = {name: getattr(member, name) for name in names}
        known["languages"] = ", ".join(member.languages)
        return cls(data, initial=known, own=own)


class OrganisationForm(VersionedForm):
    NO_VIDEO, OWN_VIDEO, JITSI_VIDEO = "none", "own", "jitsi"

    name = forms.CharField(label=_("Name"), max_length=120)
    accent = forms.ChoiceField(
        label=_("Accent colour"),
        help_text=_("Each is easy to read on a light and on a dark screen"),
        choices=[(accent.name, accent.swatch_label) for accent in ACCENTS],
        widget=forms.RadioSelect,
    )
    video = forms.ChoiceField(
        label=_("Video links of sessions"),
        help_text=_("Each season gets a room of its own"),
        choices=[
            (NO_VIDEO, _("None: partners put in their own")),
            (OWN_VIDEO, _("A service of ours, by the pattern below")),
            (
                JITSI_VIDEO,
                _(
                    "meet.jit.si, free and public: talks and names go through servers of a third"
                    " party, and whoever has the link can come in"
                ),
            ),
        ],
        widget=forms.RadioSelect,
    )
    video_template = forms.CharField(
        label=_("Pattern of our video links"),
        help_text=_("{room} becomes the room’s name, as in https://video.example.com/{room}"),
        max_length=200,
        required=False,
    )
    own_facts = forms.MultipleChoiceField(
        label=_("What people may change of themselves"),
        help_text=_("Their names, time zone, languages and country they always may"),
        choices=lambda: [(name, Member.fact_label(name)) for name in Member.OWN_FACTS],
        widget=forms.CheckboxSelectMultiple,
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
        help_text=_(
            "From when somebody has left, or the end of their last cohort if that is later;"
            " then their words and names are erased"
        ),
        min_value=30,
        max_value=3650,
    )
    idle_minutes = forms.TypedChoiceField(
        label=_("Sign people out when they are away for"),
        help_text=_("Less than 12 hours holds for “keep me signed in” as well"),
        choices=[
            (720, _("12 hours")),
            (240, _("4 hours")),
            (60, _("1 hour")),
            (30, _("30 minutes")),
            (15, _("15 minutes")),
        ],
        coerce=int,
    )
    asks_second_step = forms.BooleanField(
        label=_("Everybody needs a second step to sign in"),
        help_text=_("An app’s code or a passkey. Who has none sets one up first, you too"),
        required=False,
    )
    week_starts_on = forms.TypedChoiceField(
        label=_("First day of the week"),
        help_text=_("Figures by week and lists of days begin with it"),
        choices=[(day, WEEKDAYS[day]) for day in OrganisationSettings.FIRST_DAYS],
        coerce=int,
    )
    field_order = ("name", "time_zone", "week_starts_on", "locale")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = ZoneField(
            help_text=_("Dates use this time zone"), current=self.initial.get("time_zone", "")
        )
        if len(settings.LANGUAGES) > 1:
            self.fields["locale"] = _language(
                label=_("Language of pages and e-mails"),
                help_text=_(
                    "Of everybody who has not chosen another one. Lessons, forms and texts of your"
                    " own stay in the language they are written in"
                ),
                choices=[("", _("As each browser asks, e-mails in English")), *settings.LANGUAGES],
            )
        self.order_fields(self.field_order)

    @classmethod
    def about(
        cls, organisation: Organisation, chosen: OrganisationSettings, data: Any = None
    ) -> OrganisationForm:
        names = (
            "time_zone",
            "week_starts_on",
            "locale",
            "accent",
            "threshold",
            "retention_days",
            "own_facts",
            "idle_minutes",
            "asks_second_step",
        )
        known = {name: getattr(chosen, name) for name in names}
        template = chosen.video_template
        kinds = {"": cls.NO_VIDEO, JITSI: cls.JITSI_VIDEO}
        known["video"] = kinds.get(template, cls.OWN_VIDEO)
        known["video_template"] = template if known["video"] == cls.OWN_VIDEO else ""
        return cls(data, initial={"name": organisation.name, **known})

    def clean(self) -> None:
        super().clean()
        template = self.cleaned_data.get("video_template", "")
        if self.cleaned_data.get("video") != self.OWN_VIDEO or "video_template" in self.errors:
            return
        try:
            if template.count(ROOM) != 1:
                raise forms.ValidationError(
                    _now("Write {room} once, where the room’s name goes: each season has its own.")
                )
            https_link(template.replace(ROOM, "room"))
        except forms.ValidationError as error:
            self.add_error("video_template", error)

    @property
    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, by the columns of the settings."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "video"}
        others = {self.NO_VIDEO: "", self.JITSI_VIDEO: JITSI}
        template = others.get(self.cleaned_data["video"], values["video_template"])
        return {**values, "video_template": template}


def _in_days(days: str) -> datetime:
    return clock.now() + timedelta(days=int(days))


class NetworksField(forms.CharField):
    """Addresses and networks, a line each; cleaned to a list of networks as 192.0.2.0/24."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Opens from"),
            help_text=_(
                "Addresses or networks, one on each line, such as 192.0.2.0/24. Empty: any"
            ),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
            **kwargs,
        )

    def clean(self, value: Any) -> list[str]:
        networks = []
        for line in super().clean(value).split():
            try:
                networks.append(str(ip_network(line, strict=False)))
            except ValueError:
                words = _now("%(line)s is neither an address nor a network.") % {"line": line[:60]}
                raise forms.ValidationError(words) from None
        if len(networks) > ApiToken.MOST_ADDRESSES:
            raise forms.ValidationError(
                _now("At most %(most)s networks.") % {"most": ApiToken.MOST_ADDRESSES}
            )
        return list(dict.fromkeys(networks))


class TokenLifeForm(forms.Form):
    """How long a token lives, from now on."""

    expires_at = forms.TypedChoiceField(
        label=_("It ends after"),
        choices=[
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("180", _("180 days")),
            ("365", _("A year")),
        ],
        initial="90",
        coerce=_in_days,
    )


class OverlapForm(forms.Form):
    """How long the secret before a new one goes on."""

    overlap = forms.TypedChoiceField(
        label=_("The secret before it goes on"),
        choices=[
            ("0", _("Not at all")),
            ("1", _("For a day")),
            ("7", _("For 7 days")),
            ("30", _("For 30 days")),
        ],
        initial="7",
        coerce=lambda days: timedelta(days=int(days)),
    )


class RotateTokenForm(TokenLifeForm, OverlapForm):
    pass


class NetworksForm(forms.Form):
    addresses = NetworksField()


class OfferTokenForm(forms.Form):
    to = forms.ModelChoiceField(Member.objects.none(), label=_("To whom"))

    def __init__(self, *args: Any, token: ApiToken, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = possible_takers(token)


class TokenForm(TokenLifeForm):
    name = forms.CharField(
        label=_("Name"), help_text=_("What will use it, so that you know it later"), max_length=80
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    addresses = NetworksField()
    field_order = ("name", "scopes", "expires_at", "addresses")

    def __init__(
        self, *args: Any, by: Member, program_id: UUID | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [
            (str(scope), SCOPE_WORDS.get(str(scope), str(scope)))
            for scope in token_scopes_of(by, program_id)
        ]


class DirectoryTokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), help_text=_("The directory that will use it"), max_length=80
    )


class ProviderForm(VersionedForm):
    """The organisation's own OpenID Connect provider; an empty secret leaves the one there is."""

    name = forms.CharField(
        label=_("Name"), help_text=_("As your people know it, such as Entra or Okta"), max_length=80
    )
    issuer = forms.URLField(
        label=_("Issuer"),
        help_text=_("The address before /.well-known/openid-configuration"),
        max_length=300,
        assume_scheme="https",
    )
    client_id = forms.CharField(label=_("Client id"), max_length=300)
    secret = forms.CharField(
        label=_("Client secret"),
        help_text=_("Kept encrypted, and not shown again"),
        max_length=1000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    subject_claim = forms.ChoiceField(
        label=_("What a person is known by"),
        help_text=_("Your directory sends the same value as externalId"),
        choices=IdentityProvider.SubjectClaim.choices,
        widget=forms.RadioSelect,
        initial=IdentityProvider.SubjectClaim.SUB,
    )

    @classmethod
    def about(cls, provider: IdentityProvider | None, data: Any = None) -> ProviderForm:
        names = ("name", "issuer", "client_id", "subject_claim")
        known = {name: getattr(provider, name) for name in names} if provider else {}
        form = cls(data, initial=known)
        form.fields["secret"].required = provider is None
        return form

    def clean_issuer(self) -> str:
        issuer = str(self.cleaned_data["issuer"]).removesuffix("/.well-known/openid-configuration")
        if not issuer.startswith("https://") and not settings.SSO_PRIVATE_NETWORKS:
            raise forms.ValidationError(_now("A provider is asked over https alone."))
        return issuer


class SamlProviderForm(VersionedForm):
    """The organisation's own SAML provider: its metadata, or by hand what that would say."""

    protocol = forms.CharField(
        initial=IdentityProvider.Protocol.SAML, widget=forms.HiddenInput, required=False
    )
    name = forms.CharField(
        label=_("Name"), help_text=_("As your people know it, such as Entra or Okta"), max_length=80
    )
    metadata_url = forms.URLField(
        label=_("Metadata: the address"),
        help_text=_("Read once, when you save. Save again when the certificate changes"),
        max_length=1000,
        required=False,
        assume_scheme="https",
    )
    metadata = forms.CharField(
        label=_("Metadata: pasted"),
        help_text=_("The XML, if it has no address that everybody can reach"),
        max_length=256 * 1024,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    entity_id = forms.CharField(
        label=_("Entity id"),
        help_text=_("This and the next two stay empty where you give metadata"),
        max_length=300,
        required=False,
    )
    sign_in_url = forms.URLField(
        label=_("Sign-in address (HTTP-Redirect)"),
        max_length=1000,
        required=False,
        assume_scheme="https",
    )
    certificates = forms.CharField(
        label=_("Certificate"),
        help_text=_("What it signs with, as PEM; during a change the old and the new one"),
        max_length=32 * 1024,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    subject_claim = forms.ChoiceField(
        label=_("What a person is known by"),
        help_text=_("Your directory sends the same value as externalId"),
        choices=IdentityProvider.SubjectClaim.choices,
        widget=forms.RadioSelect,
        initial=IdentityProvider.SubjectClaim.SUB,
    )

    @classmethod
    def about(cls, provider: IdentityProvider | None, data: Any = None) -> SamlProviderForm:
        if provider is None:
            return cls(data)
        names = ("name", "sign_in_url", "certificates", "subject_claim")
        known = {name: getattr(provider, name) for name in names}
        return cls(data, initial={**known, "entity_id": provider.issuer})

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        values.pop("protocol", None)
        by_hand = all(values.get(name) for name in ("entity_id", "sign_in_url", "certificates"))
        if not (self.errors or values["metadata_url"] or values["metadata"] or by_hand):
            raise forms.ValidationError(
                _now(
                    "Give the metadata, or the entity id, the sign-in address and the certificate."
                )
            )


class RequireProviderForm(forms.Form):
    required = forms.BooleanField(
        label=_("Everybody but owners signs in there"),
        help_text=_(
            "Owners keep their own sign-in, so that a provider that fails shuts nobody out"
        ),
        required=False,
    )


class RemoveProviderForm(forms.Form):
    """A button."""


class ConnectForm(forms.Form):
    """A button."""


class OwnSignInForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)


_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class DomainForm(forms.Form):
    domain = forms.CharField(
        label=_("Domain"),
        help_text=_("What stands after the @, as in acme.example"),
        max_length=253,
    )

    def clean_domain(self) -> str:
        typed = str(self.cleaned_data["domain"]).strip().removeprefix("@").rstrip(".").casefold()
        try:
            domain = typed.encode("idna").decode()
        except UnicodeError:
            domain = ""
        if not _DOMAIN.fullmatch(domain):
            raise forms.ValidationError(_now("This is not the name of a domain."))
        return domain


class DomainEmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Work e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class DomainJoinForm(forms.Form):
    """Who somebody is who joins by themselves, and which organisation if there are several."""

    key = forms.ChoiceField(label=_("Organisation"), widget=forms.RadioSelect)
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

    def __init__(self, *args: Any, keys: Sequence[Key], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {str(key.pk): key for key in keys}
        choices = [(name, key.organisation.name) for name, key in self.keys.items()]
        field = self.fields["key"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = choices[0][0] if choices else None
        self.fields["time_zone"] = ZoneField(
            empty=_("As the organisation"),
            propose=True,
            required=False,
            help_text=_("Times are shown to you in it"),
        )

    def clean_key(self) -> Key:
        return self.keys[self.cleaned_data["key"]]


class ShortNameForm(forms.Form):
    slug = forms.SlugField(
        label=_("Short name of your organisation"),
        help_text=_("What stands after /o/ in its addresses, as in /o/acme/"),
        max_length=40,
    )


class LogoForm(forms.Form):
    MOST_BYTES, LONGEST_SIDE = 1024 * 1024, 320

    logo = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG, WebP or GIF, at most 1 MB. It is shown small, at the top of pages"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )

    def clean_logo(self) -> bytes:
        upload = self.cleaned_data["logo"]
        if upload.size > self.MOST_BYTES:
            raise forms.ValidationError(_now("The picture is larger than 1 MB."))
        try:
            return redraw(upload.read(), longest_side=self.LONGEST_SIDE)
        except TooManyPixels as error:
            raise forms.ValidationError(_now("The picture has too many pixels.")) from error
        except NoPicture as error:
            raise forms.ValidationError(_now("This is no picture that we can read.")) from error


class SlugForm(forms.Form):
    slug = forms.CharField(
        label=_("New address"),
        help_text=_("What stands after /o/: a to z, digits and hyphens"),
        min_length=3,
        max_length=SLUG_LENGTH,
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
                _("Use a to z, digits and single hyphens between them, as in acme-berlin."),
            )
        ],
    )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED_SLUGS:
            raise forms.ValidationError(_now("This word has a meaning in addresses."))
        return slug


class EmailTextForm(VersionedForm):
    """What one kind of e-mail says, and whom its preview is shown as written to."""

    SHOWN_PEOPLE = 200

    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        help_text=_(
            "An empty line begins a paragraph. **bold**, - a list, [words](https://…) a link. "
            "A paragraph whose variables are all empty is left out."
        ),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    button = forms.CharField(label=_("Button"), max_length=60)
    person = forms.ChoiceField(label=_("Show it as it is written to"), required=False)

    def __init__(
        self, *args: Any, text: Text, variables: Mapping[str, str], by: Member, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._by = by
        self._text = text
        self._variables = variables
        for name in ("subject", "body", "button"):
            self.fields[name].initial = getattr(text, name)
        people = Member.objects.visible_to(by).live().order_by("given_name", "family_name", "pk")
        self._people = {str(by.pk): by} | {str(p.pk): p for p in people[: self.SHOWN_PEOPLE]}
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [(key, member.full_name) for key, member in self._people.items()]

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_button(self) -> str:
        return self._checked("button")

    def clean_body(self) -> str:
        return self._checked("body")

    def _checked(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if wrong := mistakes(text, self._variables):
            raise forms.ValidationError(
                _("This e-mail has no %(wrong)s. It has: %(known)s."),
                params={
                    "wrong": ", ".join(wrong),
                    "known": ", ".join(f"{{{{ {known} }}}}" for known in self._variables),
                },
            )
        return text

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("subject", "button", "body")}

    @property
    def typed(self) -> Text:
        return Text(**self.words) if self.is_bound else self._text

    @property
    def shown_to(self) -> Member:
        chosen = self.cleaned_data.get("person") if self.is_bound else None
        return self._people.get(chosen or "", self._by)


class EndpointForm(forms.Form):
    """Where a program of one's own hears what was written."""

    name = forms.CharField(
        label=_("Name"), help_text=_("What will hear it, so that you know it later"), max_length=80
    )
    address = forms.CharField(
        label=_("Address"),
        help_text=_("It begins with https:// and can be reached from the internet"),
        max_length=2000,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    lists = forms.MultipleChoiceField(
        label=_("Lists of the API that it hears of"),
        choices=[(name, name) for name in PULLED],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_address(self) -> str:
        return https_address(self.cleaned_data["address"])


class ChangeEndpointForm(EndpointForm):
    """The same of one that is there: its address is never shown, and stays unless one is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        address.required = False
        address.label = _("New address")
        address.help_text = _("Leave this empty and the address stays: we never show it")

    def clean_address(self) -> str | None:  # type: ignore[override]  # None: the one there is
        return super().clean_address() if self.cleaned_data["address"] else None


def https_address(address: str) -> str:
    if not address.startswith("https://") or not is_address(address):
        raise forms.ValidationError(_now("Paste the whole address: it begins with https://."))
    return address


class WebhookForm(forms.Form):
    """Where news is posted: an address that Slack or Teams has given out."""

    service = forms.ChoiceField(label=_("Where"), choices=IncomingWebhook.Service)
    address = forms.CharField(
        label=_("Address of the webhook"),
        help_text=_(
            "It begins with https://. Whoever has it can post there, so we never show it again."
        ),
        max_length=2000,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def clean_address(self) -> str:
        return https_address(self.cleaned_data["address"])


class JoinForm(forms.Form):
    """What an invited person says on joining: where, in which languages, and how they sign in.

    Who has a sign-in already is `known`; the others may leave the password out by saying so.
    """

    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least ten characters"),
        max_length=128,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(
        self, *args: Any, invitation: Invitation, known: bool, accepted: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        member = invitation.member
        self.fields["time_zone"] = ZoneField(
            empty=_("As the organisation"),
            current=member.time_zone,
            propose=True,
            required=False,
            help_text=_("Times are shown to you in it"),
        )
        self.fields["languages"] = _languages()
        self.initial = {
            "time_zone": member.time_zone,
            "languages": ", ".join(member.languages) or _spoken(accepted),
        }
        if known:
            del self.fields["password"]

    def clean_languages(self) -> list[str]:
        return _split(self.cleaned_data["languages"])

    def clean_password(self) -> str | None:
        if "without_password" in self.data:
            return None
        password = str(self.cleaned_data["password"])
        if not password:
            raise forms.ValidationError(_now("Choose a password, or join without one."))
        validate_password(password, User(email=self.invitation.member.email))
        return password


class AuditForm(forms.Form):
    verb = forms.ChoiceField(label=_("What happened"), required=False)
    by = forms.ChoiceField(label=_("Who did it"), required=False)
    target = forms.CharField(label=_("To whom or what"), max_length=200, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DateInput)
    until = forms.DateField(label=_("To"), required=False, widget=DateInput)

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


class EmailsForm(forms.Form):
    """When somebody is left in peace, and how often each kind of e-mail comes."""

    quiet_from = forms.TypedChoiceField(label=_("No e-mails from"), choices=HOURS, coerce=int)
    quiet_until = forms.TypedChoiceField(
        label=_("E-mails again from"),
        choices=HOURS,
        coerce=int,
        help_text=_("By your own clock. The same hour twice: e-mails come day and night."),
    )
    weekends = forms.BooleanField(label=_("No reminders on Saturdays and Sundays"), required=False)

    def __init__(self, kinds: Sequence[EmailChoice], hours: Hours, data: Any = None) -> None:
        super().__init__(data, initial=asdict(hours))
        self.kinds = {f"{row.channel}_{row.kind.replace('.', '_')}": row for row in kinds}
        for name, row in self.kinds.items():
            goes = Pace.choices if _is_paced(row) else [("on", _("At once"))]
            now = row.pace if _is_paced(row) else "on"
            self.fields[name] = forms.ChoiceField(
                label=row.words,
                choices=[*goes, (OFF, _("Not at all"))],
                initial=OFF if row.muted else now,
            )

    def chapters(self) -> list[tuple[Promise, list[forms.BoundField]]]:
        """What the kinds are about, in the order of a season, with the field of each kind."""
        fields = [(row.kind.partition(".")[0], self[name]) for name, row in self.kinds.items()]
        chapters = [
            (words, [field for app, field in fields if app == chapter])
            for chapter, words in CHAPTERS.items()
        ]
        return [(words, rows) for words, rows in chapters if rows]

    @property
    def chosen(self) -> dict[str, Any]:
        """What `choose` keeps; only of a valid form."""
        values = [(row, self.cleaned_data[name]) for name, row in self.kinds.items()]
        return {
            "hours": Hours(
                self.cleaned_data["quiet_from"],
                self.cleaned_data["quiet_until"],
                self.cleaned_data["weekends"],
            ),
            "paces": {row.kind: value for row, value in values if value != OFF and _is_paced(row)},
            "muted": [(row.kind, row.channel) for row, value in values if value == OFF],
            "unmuted": [(row.kind, row.channel) for row, value in values if value != OFF],
        }


def _is_paced(row: EmailChoice) -> bool:
    """Whether one says here how often it comes: of the channel that collects."""
    return row.paced and row.channel == EmailChannel.name
