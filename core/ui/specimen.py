"""What the kit page shows: invented people and figures, for looking at and nothing else."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.common.lists import Chip, Column, ListFilter
from core.ui import charts
from core.ui.charts import ClassCounts, overlaid_bars
from core.ui.forms import DateInput, FilterForm, RangeInput, SplitDateTime, Taps
from core.ui.icons import ICONS
from core.ui.steps import StepsForm
from core.ui.table import ROLE_NAMES, SeatView, TableDrawing, round_table

PEOPLE = (
    "Amara Okafor",
    "Tomasz Wiśniewski",
    "Mei-Ling Chen",
    "Rafael Ortega",
    "Leila Haddad",
    "Jonas Lindqvist",
    "Adaeze Nwosu",
    "Björk Helgadóttir",
    "Chidi Eze",
    "Deepika Iyer",
    "Yusuf Demir",
    "Priya Raman",
)


class _ProfileForm(forms.Form):
    name = forms.CharField(label=_("Full name"), max_length=80)
    capacity = forms.IntegerField(
        label=_("How many mentees can you take?"),
        help_text=_("Most mentors take one or two"),
        min_value=0,
        max_value=5,
    )
    email = forms.EmailField(label=_("Work e-mail"))
    program = forms.ChoiceField(
        label=_("Program"), choices=[("lc", "Leading Circles"), ("flm", "First-line mentoring")]
    )
    why = forms.CharField(
        label=_("Why do you want to lead?"),
        help_text=_("Read by your circle"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-draft": "why"}),
    )
    mood = forms.ChoiceField(
        label=_("How was it for you?"),
        choices=[(1, "Poor"), (2, "Flat"), (3, "Fair"), (4, "Good"), (5, "Great")],
        widget=Taps(faces=True),
    )
    progress = forms.ChoiceField(
        label=_("Did it move you forward?"),
        choices=[(1, "Not yet"), (2, "A little"), (3, "Some"), (4, "Well"), (5, "A lot")],
        widget=Taps(steps=True),
    )
    mode = forms.ChoiceField(
        label=_("How do you want to meet?"),
        choices=[("room", "In a room"), ("video", "By video")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label=_("Which days suit you?"),
        choices=[("tue", "Tuesday"), ("thu", "Thursday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    weight = forms.IntegerField(
        label=_("Shared hours"),
        help_text=_("At least two hours a fortnight"),
        widget=RangeInput(attrs={"min": 0, "max": 40}),
    )
    starts_on = forms.DateField(label=_("First day"), widget=DateInput)
    when = forms.SplitDateTimeField(label=_("First session"), widget=SplitDateTime, required=False)
    people = forms.FileField(label=_("List of people"), help_text=_("CSV or XLSX, up to 10 MB"))
    consent = forms.BooleanField(
        label=_("Quote me in the report"), help_text=_("You can take this back at any time")
    )


def filled_form() -> _ProfileForm:
    return _ProfileForm(
        prefix="filled",
        initial={
            "name": "Leila Haddad",
            "why": "I keep solving what my team could solve.",
            "mood": 4,
            "progress": 3,
            "mode": "room",
            "days": ["tue"],
            "weight": 20,
        },
    )


def agenda_form() -> StepsForm:
    steps = [
        {"title": "Arrive: one word each", "minutes": 5, "kind": "check_in"},
        {"title": "One case, a round of questions", "minutes": 60, "kind": "round"},
        {"title": "One promise each", "minutes": 10, "kind": "promises"},
    ]
    kinds = [("check_in", "Check-in"), ("round", "Round"), ("promises", "Promises")]
    return StepsForm(steps=steps, kinds=kinds, begun=1)


def wrong_form() -> _ProfileForm:
    return _ProfileForm(
        {"wrong-email": "leila.kestrel.example", "wrong-weight": "20"}, prefix="wrong"
    )


def seats(count: int) -> list[SeatView]:
    leader = min(4, count - 1)
    tokens = {leader: "facilitator", 0: "timekeeper", 1: "note_taker", 2: "voice_watcher"}
    return [
        SeatView(
            initials="".join(word[0] for word in name.split()),
            name=name,
            state="lead" if i == leader else "away" if i == 3 else "",
            tokens=(tokens[i],) if i in tokens else (),
            turns_due=2 if count <= 6 else 1,
            turns_held=(i % 2) + (i == 2 and count <= 6),
        )
        for i, name in enumerate(PEOPLE[:count])
    ]


def tables() -> dict[str, TableDrawing]:
    six = seats(6)
    speaking = [
        SeatView(s.initials, s.name, "lead" if i == 2 else "next" if i == 3 else "")
        for i, s in enumerate(six)
    ]
    own_role = [SeatView("SK", "Saoirse Kelly", turns_due=3, turns_held=1)]
    own_role.append(
        SeatView("KM", "Kwame Mensah", "lead", ("facilitator", "host"), turns_due=3, turns_held=2)
    )
    return {
        "pair": round_table(own_role, title="A pair", centre="3", under="of 6"),
        "six": round_table(six, title="Circle Wye", centre="7", under="of 12 led"),
        "twelve": round_table(seats(12), title="Circle Don", centre="6", under="of 12 led"),
        "clock": round_table(
            speaking, title="Round", centre="1:14", under="of 2:00", timer_left=62
        ),
    }


def figures() -> dict[str, object]:
    fallen = [0, 0, 1, 2, 3, 3, 4, 5, 7, 7, 8, 8, 8, 9, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13]
    curve = [
        charts.StepPoint(
            at=week + 1,
            share=1 - gone / 100,
            low=1 - gone * 1.35 / 100,
            high=1 - gone * 0.68 / 100,
        )
        for week, gone in enumerate(fallen)
    ]
    competencies = [
        ("Facilitation", 2.6, 3.7),
        ("Constructive feedback", 2.9, 3.6),
        ("Active listening", 3.4, 3.9),
        ("Decision-making", 3.1, 3.5),
        ("Strategic thinking", 3.1, 3.0),
    ]
    circles = ("Swale", "Aire", "Crouch", "Nidd", "Wye", "Don", "Tamar", "Severn", "Frome")
    columns = [
        (
            circle,
            [
                charts.HeatCell((i * 7 + j * 5) % 11 and 3 - (i * j) % 3, f"{circle}, week {j + 1}")
                for j in range(12)
            ],
        )
        for i, circle in enumerate(circles * 3)
    ]
    return {
        "funnel": charts.funnel(
            [("Invited", 1331), ("Enrolled", 1274), ("In a circle", 1238), ("Completed", 1107)]
        ),
        "weeks": charts.weekly_bars(
            [charts.Week(str(i + 1), n) for i, n in enumerate([1, 2, 3, 5, 7, 9, 8, 4, 2, 1])],
            now=9,
        ),
        "overlay": overlaid_bars(
            [
                ClassCounts(f"{50 + 10 * i}–{59 + 10 * i}", one, other, f"{one} and {other}")
                for i, (one, other) in enumerate([(3, 1), (8, 5), (16, 13), (12, 17), (3, 6)])
            ]
        ),
        "curve": charts.step_curve(curve, until=24, unit="week"),
        "dumbbells": charts.dumbbells(
            [charts.Change(n, a, b, b - a - 0.2, b - a + 0.2) for n, a, b in competencies],
            least=2,
            most=4.5,
        ),
        "heat": charts.heat_grid(columns, row_labels=[str(j + 1) for j in range(12)]),
        "heat_steps": [(3, "most came"), (2, "some came"), (1, "a few came"), (0, "not held")],
    }


def lists() -> dict[str, object]:
    wanted = ListFilter()
    return {
        "filters": FilterForm(wanted, placeholder="Name or circle"),
        "chips": [
            Chip(label, n, "#k-table", label == "All")
            for label, n in (("All", 240), ("Active", 231), ("Paused", 6), ("Withdrawn", 3))
        ],
        "columns": [
            Column("Name", "#k-table", "ascending"),
            Column("Circle", "#k-table", ""),
        ],
        "roles": [(key, str(name).capitalize()) for key, name in ROLE_NAMES.items()],
        "phases": [
            ("Draft", "1 Jun", "done"),
            ("Enrolling", "22 Jun", "done"),
            ("Matching", "20 Jul", "done"),
            ("Running", "10 Aug", "now"),
            ("Closing", "25 Jan", ""),
            ("Closed", "5 Feb", ""),
        ],
        "wizard": [
            ("Choose a file", "", "done"),
            ("Name the columns", "", "now"),
            ("Look at the rows", "", ""),
            ("Import", "", ""),
        ],
        "tabs": [
            {"label": label, "url": "#tabs", "current": label == "Partnerships"}
            for label in ("People", "Matching", "Partnerships", "Sessions")
        ],
        "taps": [("no", "No"), ("time", "Time"), ("fit", "The fit")],
        "circle": PEOPLE[:4],
    }


@login_not_required
@require_safe
def kit(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "core/kit.html",
        {
            "filled": filled_form(),
            "wrong": wrong_form(),
            "agenda": agenda_form(),
            "tables": tables(),
            "icons": list(ICONS),
            **figures(),
            **lists(),
        },
    )
