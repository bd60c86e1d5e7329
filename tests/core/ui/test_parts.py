"""The parts as they reach the browser."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from core.ui import specimen
from core.ui.forms import Taps, first_id, kind
from core.ui.icons import ICONS, icon_for_role
from core.ui.templatetags import design

ROOT = Path(__file__).resolve().parents[3]
ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "409.html", "500.html"]


class SeatForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As your circle calls you")
    mood = forms.ChoiceField(label="Mood", choices=[("1", "Flat"), ("2", "Good")], widget=Taps)


def shown(source: str, **context: object) -> str:
    """Render a template that uses components."""
    return Template(CottonCompiler().process(source)).render(Context(context))


def request() -> HttpRequest:
    return RequestFactory().get("/kit/")


@pytest.fixture(scope="module")
def kit() -> str:
    return specimen.kit(request()).content.decode()


def test_the_kit_shows_no_trace_of_how_it_is_made(kit: str):
    assert [mark for mark in ("{#", "{{", "{%", "<c-", "None", "&amp;") if mark in kit] == []


def test_nothing_carries_inline_style_or_script(kit: str):
    assert re.findall(r"<[^>]*\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", kit) == []


def test_no_id_is_used_twice_and_every_reference_finds_its_target(kit: str):
    ids = Counter(re.findall(r'\sid="([^"]+)"', kit))
    wanted = " ".join(
        re.findall(r'\s(?:aria-describedby|aria-labelledby|for)="([^"]*)"', kit)
    ).split()

    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in wanted if name not in ids] == []


def test_every_part_stands_on_the_kit_page():
    parts = {path.stem.replace("_", "-") for path in (ROOT / "templates/cotton").glob("*.html")}
    sources = [path.read_text() for path in (ROOT / "templates/core").rglob("*.html")]
    # Parts of parts are shown by those that use them.
    sources += [path.read_text() for path in (ROOT / "templates/cotton").glob("*.html")]
    used = set(re.findall(r"<c-([a-z-]+)", "".join(sources)))

    assert sorted(parts - used - {"icon"}) == []


def test_the_stylesheet_stays_small():
    assert len(gzip.compress((ROOT / "static/app.css").read_bytes())) <= 12_000


def test_no_part_gives_a_token_another_meaning():
    """A border of `--edge` was gone wherever a part had called its own shadow so."""
    css = (ROOT / "static/app.css").read_text()
    tokens, parts = css.split("@layer base", 1)
    screen = parts.partition("@media print")[0]

    assert (
        set(re.findall(r"(--[\w-]+):", tokens)) & set(re.findall(r"(--[\w-]+):", screen)) == set()
    )


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) Gecko/120.0 Firefox/120.0", "Firefox on Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_do(agent: str, words: str):
    assert design.browser(agent) == words


@pytest.mark.parametrize("page", ERROR_PAGES)
def test_an_error_page_needs_nothing_and_runs_nothing(page: str):
    html = get_template(page).render()

    assert html.count("<h1>") == 1
    assert [
        tag for tag in ("<script", "<form", "nonce", "csrfmiddlewaretoken") if tag in html
    ] == []


def test_the_page_of_a_refusal_says_why():
    assert "Somebody was <b>faster</b>" not in render_to_string(
        "409.html", {"refusal": "Somebody was <b>faster</b>"}
    )
    assert "Somebody was faster" in render_to_string("409.html", {"refusal": "Somebody was faster"})


def test_a_field_in_error_names_its_help_and_its_error():
    html = shown('<c-field :field="form.name" />', form=SeatForm({}))

    assert '<div class="help" id="id_name_helptext">As your circle calls you</div>' in html
    assert 'id="id_name_error"' in html
    assert re.search(r'<input[^>]*aria-invalid="true"[^>]*>', html)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_the_summary_of_errors_links_to_what_can_be_typed_in():
    html = shown('<c-errors :form="form" />', form=SeatForm({}))

    assert "2 things to put right" in html
    assert re.findall(r'href="#([^"]+)"', html) == ["id_name", "id_mood_0"]
    assert 'id="id_mood_0"' in shown('<c-field :field="form.mood" />', form=SeatForm({}))


def test_a_form_without_errors_has_no_summary():
    assert "data-errors" not in shown('<c-form :form="form" submit="Save" />', form=SeatForm())


def test_a_form_prints_its_fields_one_button_and_what_htmx_needs():
    html = shown('<c-form :form="form" submit="Save changes" hx-post="/x/" />', form=SeatForm())

    assert (html.count("<button"), html.count('name="name"'), html.count('name="mood"')) == (
        1,
        1,
        2,
    )
    assert 'hx-post="/x/"' in html
    assert "multipart" not in html


def test_a_form_with_a_file_is_sent_as_one():
    assert 'enctype="multipart/form-data"' in shown(
        '<c-form :form="form" submit="Import" />', form=specimen.filled_form()
    )


def test_what_was_typed_is_kept_and_escaped():
    html = shown('<c-form :form="form" submit="Save" />', form=SeatForm({"name": '"><script>'}))

    assert 'value="&quot;&gt;&lt;script&gt;"' in html


def test_a_form_printed_as_it_is_looks_the_same():
    html = str(SeatForm({}))

    assert (html.count('class="field invalid"'), html.count("data-errors")) == (2, 1)
    assert 'id="id_name_helptext"' in SeatForm()["name"].as_field_group()


@pytest.mark.parametrize(
    "attribute", ['title="{{ evil }}"', 'aria-label="{{ evil }}"', 'href="{{ evil }}"']
)
def test_a_value_cannot_leave_its_attribute(attribute: str):
    html = shown(f"<c-button {attribute}>Open</c-button>", evil='"><script>alert(1)</script>')

    assert "<script>" not in html


def test_a_name_cannot_be_markup():
    for source in ('<c-person name="{{ evil }}" />', '<c-person :name="evil" />'):
        assert "<img" not in shown(source, evil="<img src=x> Lee")


@pytest.mark.parametrize(
    ("field", "layout", "first"),
    [
        ("name", "plain", "id_filled-name"),
        ("mood", "taps", "id_filled-mood_0"),
        ("mode", "radios", "id_filled-mode_0"),
        ("days", "checkboxes", "id_filled-days_0"),
        ("weight", "range", "id_filled-weight"),
        ("when", "split", "id_filled-when_0"),
        ("people", "file", "id_filled-people"),
        ("consent", "check", "id_filled-consent"),
    ],
)
def test_each_kind_of_field_has_its_layout(field: str, layout: str, first: str):
    bound = specimen.filled_form()[field]

    assert (kind(bound), first_id(bound)) == (layout, first)
    assert f'id="{first}"' in shown('<c-field :field="field" />', field=bound)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_runs_fetches_itself_again(state: str):
    html = shown(
        f'<c-job title="Import" state="{state}" poll="/jobs/1/" cancel="/jobs/1/cancel/" />'
    )

    assert 'hx-get="/jobs/1/"' in html
    assert 'action="/jobs/1/cancel/"' in html


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_job_that_has_ended_rests_and_leads_on(state: str):
    html = shown(
        f'<c-job title="Import" state="{state}" poll="/jobs/1/" cancel="/c/" result="/r/" />'
    )

    assert ("hx-get" in html, "/c/" in html, 'href="/r/"' in html) == (False, False, True)


def test_a_job_says_how_far_it_is():
    html = shown('<c-job title="Import" state="running" :done="done" :of="of" />', done=188, of=312)

    assert 'value="188" max="312"' in html
    assert "value=" not in shown('<c-job title="Import" state="running" :done="0" :of="0" />')


def test_a_drawing_prints_points_not_commas():
    html = shown('<c-table :drawing="drawing" roomy="yes" />', drawing=specimen.tables()["six"])

    assert "translate(107.39 -62.0)" in html
    assert html.count('class="t-seat"') == 6
    assert html.count('class="t-label"') == 6


def test_icons_are_decoration_unless_they_speak():
    assert 'aria-hidden="true"' in design.icon("flag")
    assert 'role="img" aria-label="Leads &amp; acts"' in design.icon("flag", "Leads & acts")
    assert [name for name, paths in ICONS.items() if "style" in paths] == []
    assert icon_for_role("juggler") == "dot"


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(days=-3), "3\xa0days ago"),
        (timedelta(hours=2), "in 2\xa0hours"),
    ],
)
def test_times_are_relative_with_the_absolute_on_hover(delta: timedelta, words: str):
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        html = design.when(noon + delta)

    assert f">{words}</time>" in html
    assert (noon + delta).strftime("%H:%M") in html.split(">")[0]


def test_figures_have_narrow_spaces_and_percent_does_not_break_off():
    assert (design.figure(1203), design.figure(87), design.figure(1234.5)) == (
        "1\u202f203",
        "87",
        "1\u202f234.5",
    )
    assert (design.percent(87), design.percent(92.96, 1)) == ("87\xa0%", "93.0\xa0%")
