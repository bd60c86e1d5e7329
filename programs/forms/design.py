"""The design of a program and its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.common.own_words import NOTIONS, choices_of
from core.ui.forms import VersionedForm
from programs.models.parts import Competency, MeetingRole, Objective, Question, free_key
from programs.models.programs import WORD_FIELDS, CadenceUnit, Program
from programs.queries.agendas import READY_AGENDAS
from programs.queries.designs import answered_options
from programs.templates_catalog import TEMPLATES

MOST_OPTIONS = 60
SEASON_FIELDS = ("theme", "agenda", "milestone")
GONE = " gone"  # a line of the options begins with no space


class NewProgramForm(forms.Form):
    template = forms.ChoiceField(label=gettext_lazy("Template"), widget=forms.RadioSelect)
    name = forms.CharField(label=gettext_lazy("Name of the program"), max_length=120)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        template = self.fields["template"]
        assert isinstance(template, forms.ChoiceField)
        template.choices = [
            (key, f"{chosen.name}. {chosen.summary}") for key, chosen in TEMPLATES.items()
        ]
        template.initial = next(iter(TEMPLATES))


class DesignForm(VersionedForm):
    """What the design itself says; its parts have forms of their own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Program.Format.choices)
    expectations = forms.CharField(
        label=gettext_lazy("Expectations"),
        help_text=gettext_lazy(
            "One a line. Everybody accepts them; if you change them, everybody is asked again."
        ),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    expectations_mentors = forms.CharField(
        label=gettext_lazy("What mentors accept besides"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expectations_mentees = forms.CharField(
        label=gettext_lazy("What mentees accept besides"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    mentor_criteria = forms.CharField(
        label=gettext_lazy("Criteria for mentors"),
        help_text=gettext_lazy(
            "One a line. If there are any, who wants to be a mentor says how they meet them, and "
            "their manager says yes by a link."
        ),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    cadence_every = forms.IntegerField(
        label=gettext_lazy("Sessions come every"), min_value=1, max_value=52
    )
    cadence_unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=CadenceUnit.choices, widget=forms.RadioSelect
    )
    session_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of a session"), min_value=10, max_value=480
    )
    sessions_planned = forms.IntegerField(
        label=gettext_lazy("Sessions in a season"), min_value=1, max_value=60
    )
    sessions_agreed = forms.IntegerField(
        label=gettext_lazy("Minimum number of sessions"),
        help_text=gettext_lazy("With fewer, a partnership counts as ended, not as completed."),
        min_value=0,
        max_value=60,
    )
    check_in_weeks = forms.IntegerField(
        label=gettext_lazy("Weeks between check-ins"), min_value=1, max_value=52
    )
    circle_min = forms.IntegerField(
        label=gettext_lazy("Smallest circle"), min_value=3, max_value=12
    )
    circle_max = forms.IntegerField(label=gettext_lazy("Largest circle"), min_value=3, max_value=12)
    self_match = forms.BooleanField(
        label=gettext_lazy("People may choose each other"),
        help_text=gettext_lazy(
            "They see suggestions with reasons, rank wishes and ask; runs weigh the wishes."
        ),
        required=False,
    )
    request_days = forms.IntegerField(
        label=gettext_lazy("Days to answer a request"),
        help_text=gettext_lazy("Then it lapses, and the next wish is asked by itself."),
        min_value=1,
        max_value=30,
    )
    requests_asking = forms.IntegerField(
        label=gettext_lazy("Most people one person asks at once"), min_value=1, max_value=5
    )
    requests_asked = forms.IntegerField(
        label=gettext_lazy("Most requests that wait for one person"), min_value=1, max_value=20
    )
    second_person = forms.BooleanField(
        label=gettext_lazy("A second person approves a publication"),
        help_text=gettext_lazy("Another coordinator or an owner sees the same summary first."),
        required=False,
    )
    profiles_to_cohort = forms.BooleanField(
        label=gettext_lazy("People may show their profile to their whole cohort"),
        help_text=gettext_lazy("Each person chooses for each field. Partners are always a choice."),
        required=False,
    )
    profiles_to_coordinators = forms.BooleanField(
        label=gettext_lazy("People may show their profile to the coordinators"), required=False
    )
    alumni_post = forms.BooleanField(
        label=gettext_lazy("People go on writing in discussions when their cohort is closed"),
        help_text=gettext_lazy("Without it they can still read."),
        required=False,
    )

    word_mentor = forms.ChoiceField(
        label=gettext_lazy("Mentors are called"),
        choices=choices_of("mentor"),
        widget=forms.RadioSelect,
    )
    word_mentee = forms.ChoiceField(
        label=gettext_lazy("Mentees are called"),
        choices=choices_of("mentee"),
        widget=forms.RadioSelect,
    )
    word_circle = forms.ChoiceField(
        label=gettext_lazy("Circles are called"),
        choices=choices_of("circle"),
        widget=forms.RadioSelect,
    )
    word_session = forms.ChoiceField(
        label=gettext_lazy("Sessions are called"),
        choices=choices_of("session"),
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, program: Program) -> None:
        initial = {name: getattr(program, name) for name in self.base_fields if name != "version"}
        super().__init__(data, initial=initial)
        if program.format != Program.Format.MENTOR:  # peers have one part
            for name in ("expectations_mentors", "expectations_mentees", "mentor_criteria"):
                del self.fields[name]
        spoken = SPOKEN_OF.get(program.format, NOTIONS)
        for notion in set(NOTIONS) - {*spoken}:
            del self.fields[WORD_FIELDS[notion]]
        self.fields[WORD_FIELDS[spoken[0]]].help_text = WORDS_HELP
        if example := READS.get(program.format):
            last = self.fields["word_session"]
            last.help_text = f"{last.help_text} {example}".strip()
        if program.format == Program.Format.CIRCLES:  # nobody is asked: a run forms circles
            for name in REQUEST_FIELDS:
                del self.fields[name]
            wishes = self.fields["self_match"]
            wishes.label = _("People may say whom they would like to sit with")
            wishes.help_text = _(
                "They name up to five people of their cohort; runs weigh it, as far as rules and "
                "the rest allow. Nobody else learns whom they named."
            )

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        smallest, largest = cleaned.get("circle_min"), cleaned.get("circle_max")
        if smallest and largest and smallest > largest:
            self.add_error("circle_max", _("This is smaller than the smallest circle."))


# of whom and what a program of each format speaks; a circle may have a mentor beside it
SPOKEN_OF: Mapping[str, tuple[str, ...]] = {
    Program.Format.MENTOR: ("mentor", "mentee", "session"),
    Program.Format.PAIRS: ("session",),
    Program.Format.CIRCLES: ("mentor", "circle", "session"),
}
WORDS_HELP = gettext_lazy(
    "Each word in English, German and Spanish. Where a language has no word that fits every "
    "sentence, it keeps the usual one."
)
READS: Mapping[str, Any] = {
    Program.Format.MENTOR: gettext_lazy(
        "As saved, people read: “Your mentor plans a session with you. "
        "The mentee brings the topic.”"
    ),
    Program.Format.PAIRS: gettext_lazy("As saved, people read: “Your first session is planned.”"),
    Program.Format.CIRCLES: gettext_lazy(
        "As saved, people read: “Your circle has planned a session, with a mentor beside it.”"
    ),
}
# what is asked of the requests that people send each other
REQUEST_FIELDS = ("request_days", "requests_asking", "requests_asked")
# the fields of the design that each step of the guided set-up asks for
SETUP_FIELDS: Mapping[str, tuple[str, ...]] = {
    "purpose": ("name", "purpose"),
    "who": (
        "expectations",
        "expectations_mentors",
        "expectations_mentees",
        "mentor_criteria",
        "word_mentor",
        "word_mentee",
        "word_circle",
        "word_session",
    ),
    "rhythm": (
        "cadence_every",
        "cadence_unit",
        "session_minutes",
        "sessions_planned",
        "sessions_agreed",
    ),
    "pairing": ("circle_min", "circle_max", "self_match", "second_person"),
    "feedback": ("check_in_weeks",),
}


class SetupForm(DesignForm):
    """One step of the guided set-up: some of the design's fields, with the design's own rules."""

    def __init__(self, data: Any = None, *, program: Program, step: str) -> None:
        super().__init__(data, program=program)
        circles = program.format == Program.Format.CIRCLES
        other = () if circles else ("circle_min", "circle_max")
        wanted = set(SETUP_FIELDS[step]) - set(other)
        for name in set(self.fields) - wanted - {"version"}:
            del self.fields[name]


class DropForm(forms.Form):
    """How many places further down, or up below 0, a row was dragged."""

    places = forms.IntegerField(min_value=-200, max_value=200)


class PartForm(VersionedForm):
    """What the forms of a design's parts share: a program, and the row that is changed, if any."""

    def __init__(self, data: Any = None, *, program: Program, row: Any | None = None) -> None:
        super().__init__(data, initial=self.initial_of(row) if row else None)

    def initial_of(self, row: Any) -> dict[str, object]:
        return {name: getattr(row, name) for name in self.base_fields if name != "version"}

    def values(self) -> Mapping[str, object]:
        return self.cleaned_data


class CompetencyForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    rubric = forms.CharField(
        label=gettext_lazy("What it looks like"),
        help_text=gettext_lazy("What somebody does who is good at it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MeetingRoleForm(PartForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    duties = forms.CharField(
        label=gettext_lazy("Duties"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Order"),
        help_text=gettext_lazy("0 is filled first; later ones stay open when people are few."),
        min_value=0,
        max_value=99,
        initial=9,
    )
    competency: forms.ModelChoiceField[Competency] = forms.ModelChoiceField(
        label=gettext_lazy("Competency it grows"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("None"),
    )
    after: forms.ModelChoiceField[MeetingRole] = forms.ModelChoiceField(
        label=gettext_lazy("Comes after"),
        help_text=gettext_lazy("Only who has held that role before takes this one."),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nothing"),
    )
    needs_level = forms.IntegerField(
        label=gettext_lazy("Level needed"),
        help_text=gettext_lazy("In its competency, 1 to 5; 0 asks for none."),
        min_value=0,
        max_value=5,
        initial=0,
        required=False,
    )
    leads = forms.BooleanField(
        label=gettext_lazy("Leads the meeting"),
        help_text=gettext_lazy("One role leads; its turns are shared out equally."),
        required=False,
    )

    def __init__(
        self, data: Any = None, *, program: Program, row: MeetingRole | None = None
    ) -> None:
        super().__init__(data, program=program, row=row)
        competency, after = self.fields["competency"], self.fields["after"]
        assert isinstance(competency, forms.ModelChoiceField)
        assert isinstance(after, forms.ModelChoiceField)
        competency.queryset = program.competencies.all()
        others = program.meeting_roles.all()
        after.queryset = others.exclude(pk=row.pk) if row else others

    def clean_needs_level(self) -> int:
        """Empty asks for none."""
        return self.cleaned_data["needs_level"] or 0


class ObjectiveForm(PartForm):
    metric = forms.ChoiceField(label=gettext_lazy("Figure"), choices=Objective.Metric.choices)
    value = forms.DecimalField(
        label=gettext_lazy("Value"),
        help_text=gettext_lazy("In percent, for example 80; days as a number."),
        min_value=0,
        max_value=365,
        max_digits=6,
        decimal_places=2,
    )
    week = forms.IntegerField(
        label=gettext_lazy("By the end of week"),
        help_text=gettext_lazy("Counted from the first day of each cohort."),
        min_value=1,
        max_value=260,
        initial=24,
    )

    def initial_of(self, row: Objective) -> dict[str, object]:
        return super().initial_of(row) | {"value": f"{row.percent:f}"}

    def clean(self) -> None:
        super().clean()
        metric, value = self.cleaned_data.get("metric"), self.cleaned_data.get("value")
        if metric and value is not None and Objective(metric=metric).is_share:
            if value > 100:
                self.add_error("value", _("A share is at most 100 percent."))
            self.cleaned_data["value"] = value / 100


class SeasonForm(VersionedForm):
    """Session by session: what it is about, how it is held, what is reached then."""

    def __init__(self, data: Any = None, *, program: Program) -> None:
        ready = [(key, agenda.name) for key, agenda in READY_AGENDAS.items()]
        choices = [("", _("The program's own agenda")), *ready]
        self.numbers = range(1, program.sessions_planned + 1)
        initial = {
            f"{name}_{number}": value
            for number, row in enumerate(program.season, 1)
            for name, value in row.items()
        }
        super().__init__(data, initial=initial)
        for number in self.numbers:
            about = {"number": number}
            self.fields[f"theme_{number}"] = forms.CharField(
                label=_("Session %(number)d is about") % about, max_length=120, required=False
            )
            self.fields[f"agenda_{number}"] = forms.ChoiceField(
                label=_("How session %(number)d is held") % about, choices=choices, required=False
            )
            self.fields[f"milestone_{number}"] = forms.CharField(
                label=_("What is reached by session %(number)d") % about,
                max_length=120,
                required=False,
            )

    def season(self) -> list[dict[str, str]]:
        return [
            {name: self.cleaned_data[f"{name}_{number}"] for name in SEASON_FIELDS}
            for number in self.numbers
        ]


class QuestionForm(PartForm):
    label = forms.CharField(label=gettext_lazy("Question"), max_length=200)
    help = forms.CharField(label=gettext_lazy("Help"), max_length=300, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of answer"), choices=Question.Kind.choices)
    options = forms.CharField(
        label=gettext_lazy("Options"),
        help_text=gettext_lazy("One a line, for skills and choices."),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    asked_of = forms.ChoiceField(
        label=gettext_lazy("Asked of"),
        choices=Question.AskedOf.choices,
        help_text=gettext_lazy("In circles and pairs, everybody is asked."),
    )
    required = forms.BooleanField(label=gettext_lazy("This has to be answered"), required=False)
    only_if = forms.ChoiceField(
        label=gettext_lazy("Asked only after this answer"),
        help_text=gettext_lazy("One choice of another question; empty asks it of all."),
        required=False,
    )

    def __init__(self, data: Any = None, *, program: Program, row: Question | None = None) -> None:
        super().__init__(data, program=program, row=row)
        only_if = self.fields["only_if"]
        assert isinstance(only_if, forms.ChoiceField)
        others = program.questions.filter(kind=Question.Kind.CHOICE)
        only_if.choices = [
            ("", _("Always asked")),
            *(
                (question.label, _answers_to(question))
                for question in (others.exclude(pk=row.pk) if row else others)
            ),
        ]
        self.known = list(row.options) if row else []
        self._ask_what_became_of(answered_options(row) if row and data else {})

    def _ask_what_became_of(self, answered: Mapping[str, int]) -> None:
        """Ask of each option that was answered and is no line any more: renamed, or gone?"""
        names = option_lines(self.data.get("options", ""))
        known = {option["name"] for option in self.known}
        new = [(name, name) for name in names if name not in known]
        for option in self.known:
            count = answered.get(option["key"], 0)
            if not count or option["name"] in names:
                continue
            gone = ngettext(
                "It is gone: %(count)s answer is deleted",
                "It is gone: %(count)s answers are deleted",
                count,
            ) % {"count": count}
            self.fields[f"became_{option['key']}"] = forms.ChoiceField(
                label=_("What became of “%(option)s”?") % {"option": option["name"]},
                choices=[("", _("Please choose")), *new, (GONE, gone)],
            )

    def initial_of(self, row: Question) -> dict[str, object]:
        lines = "\n".join(option["name"] for option in row.options)
        return super().initial_of(row) | {"options": lines}

    def clean(self) -> None:
        super().clean()
        cleaned = self.cleaned_data
        if "options" not in cleaned or "kind" not in cleaned:
            return
        names = option_lines(cleaned["options"]) if cleaned["kind"] in Question.WITH_OPTIONS else []
        if cleaned["kind"] in Question.WITH_OPTIONS and not names:
            self.add_error("options", _("Write at least one option."))
        if len(names) > MOST_OPTIONS or any(len(name) > 120 for name in names):
            self.add_error("options", _("At most 60 options of 120 characters."))
        became = Counter(value for name, value in cleaned.items() if name.startswith("became_"))
        for name, count in became.items():
            if count > 1 and name != GONE:
                self.add_error(
                    "options", _("Only one option can become “%(name)s”.") % {"name": name}
                )
        cleaned["options"] = self._with_keys(names)

    def _with_keys(self, names: list[str]) -> list[dict[str, str]]:
        """An option that keeps its name, or was renamed, keeps its key and what people answered."""
        keys = {option["name"]: option["key"] for option in self.known}
        for option in self.known:
            keys.setdefault(self.cleaned_data.pop(f"became_{option['key']}", GONE), option["key"])
        taken = {keys[name] for name in names if name in keys}
        options = []
        for name in names:
            key = keys.get(name) or free_key(slugify(name) or "option", taken)
            taken.add(key)
            options.append({"key": key, "name": name})
        return options


def _answers_to(question: Question) -> list[tuple[str, str]]:
    return [(f"{question.key}={option['key']}", option["name"]) for option in question.options]


def option_lines(text: str) -> list[str]:
    """Return the options of a text with one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
