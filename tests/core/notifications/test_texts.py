"""The texts of e-mails: each is one file, says the same as text and as HTML, and can be edited."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from core.notifications.kinds import CASES, CHAPTERS, KINDS
from core.notifications.markdown import Value, as_html, as_line, as_text, escaped
from core.notifications.render import Words, in_frame
from core.notifications.texts import USUAL, VARIABLE, EmailTemplate, Text, examples, filled, kinds

ALL = [pytest.param(kind, case, id=f"{kind.name}-{case}") for kind, case in examples()]
LINK = "https://roundtable.example/x/"
HOSTILE = (
    '<b>*x*</b> [a](https://evil.example) ![i](x)\n# y\n- z\n1. `c` {{ link }} {% now "Y" %} &amp;'
)


class _Words(HTMLParser):
    """The words of a page, without its title: an element is a break, unless it stands in a line."""

    IN_LINE = ("strong", "em", "a")

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden = tag == "title"
        self.text += "" if tag in self.IN_LINE else " "

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self.text += "" if tag in self.IN_LINE else " "

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data


def in_words(html: str) -> list[str]:
    parser = _Words()
    parser.feed(html)
    return parser.text.split()


def framed(kind: EmailTemplate, text: Text) -> Words:
    also = [{"subject": "Your circle is Circle Ash", "link": LINK}]
    stop = LINK if KINDS[kind.name].can_be_muted else ""
    return in_frame(
        kind.name, text, organisation="Northwind", link=LINK, also=also, unsubscribe_link=stop
    )


def spoken(text: str) -> list[str]:
    """Return the words of a plain text without what only it has: addresses, marks, colons."""
    marks = re.sub(r"(?m)^(- |-- |\d+\. |> )| \(https?://[^\s)]+\)|https?://\S+", "", text)
    return [word.rstrip(":") for word in marks.split()]


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_text_and_html_say_the_same_words(kind: EmailTemplate, case: str) -> None:
    text, _passages = kind.ours(kind.example(case))
    words = framed(kind, text)
    assert spoken(words.text) == [word.rstrip(":") for word in in_words(words.html)]


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_each_text_alone_can_be_read(kind: EmailTemplate, case: str) -> None:
    text, _passages = kind.ours(kind.example(case))
    words = framed(kind, text)
    assert words.subject
    assert len(words.subject) <= 110
    assert "\n" not in words.subject
    for wrong in ("{{", "{%", "}}", "\\", "\n\n\n", " ,", " .", "()", "None", "True", "False"):
        assert wrong not in words.text, wrong
    assert not re.search(r"(?m)^[,.:]", words.text)
    assert not re.search(r"(?m)[^-\s] +$", words.text)
    # one button, one line more, and stopping it where that can be
    assert words.html.count(f'href="{LINK}"') == (3 if KINDS[kind.name].can_be_muted else 2)


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_each_case_is_chosen_by_its_values(kind: EmailTemplate, case: str) -> None:
    assert kind.case_of(kind.example(case)) == case


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_what_an_editor_begins_with_says_what_we_say(kind: EmailTemplate, case: str) -> None:
    start, example = kind.start(case), kind.example(case)
    ours, passages = kind.ours(example)
    named = VARIABLE.findall(f"{start.subject} {start.button} {start.body}")
    assert set(named) <= set(kind.variables(case))
    assert all(kind.variables(case)[name] for name in named)
    again = filled(start, example, passages)
    assert framed(kind, again) == framed(kind, ours)


@pytest.mark.parametrize(("kind", "case"), ALL)
def test_no_value_is_markdown_or_html(kind: EmailTemplate, case: str) -> None:
    chosen = {name for wanted in kind.cases.values() for name in wanted}
    values = {
        name: HOSTILE if isinstance(value, str) and name not in chosen else value
        for name, value in kind.example(case).items()
    }
    ours, passages = kind.ours(values)
    edited = filled(kind.start(case), values, passages)
    for text in (ours, edited):
        words = framed(kind, text)
        html = words.html.partition("<h1")[2]
        assert not re.search(r"<(b|img|code|strong><b)>", html)
        assert "evil.example" not in "".join(re.findall(r'href="([^"]*)"', html))
        if HOSTILE.splitlines()[0] in words.text:
            assert "# y" in words.text


def test_a_kind_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        kinds()["nothing"]


def test_a_paragraph_whose_values_are_all_empty_is_left_out() -> None:
    edited = Text(
        "Hi {{ name }}",
        "Go",
        "Hello {{ name }}{{ more }}.\r\n\r\nBecause: {{ more }}\r\n\r\nNo variable here.",
    )
    text = filled(edited, {"name": "Wye", "more": ""}, {})
    assert as_text(text.body) == "Hello Wye.\n\nNo variable here."
    assert as_line(text.subject) == "Hi Wye"
    assert as_text(filled(edited, {"name": "Wye", "more": "x"}, {}).body).count("Because: x") == 1


def test_the_words_of_a_subject_are_no_markdown() -> None:
    text = filled(Text("*Now* {{ name }} _a_ <b>", "1. Go", "x"), {"name": "*Wye*\nBcc: z"}, {})
    assert as_line(text.subject) == "*Now* *Wye* Bcc: z _a_ <b>"
    assert as_line(text.button) == "1. Go"


def test_what_an_editor_may_write_is_markdown_without_html() -> None:
    html = as_html("# Dear\n\n**all** [here](https://a.example) <script>x</script> ![i](http://b/)")
    assert "<h2" in html
    assert "<strong>all</strong>" in html
    assert '<a href="https://a.example" style="color:#0f5f57">here</a>' in html
    assert "<script" not in html
    assert "<img" not in html
    assert as_text("**all** [here](https://a.example)") == "all here (https://a.example)"
    assert 'href="javascript' not in as_html("[x](javascript:alert(1))")


def test_the_lines_of_a_value_stay_lines() -> None:
    assert as_text(f"Aiko writes: {escaped(Value('one' + chr(10) + '- two'))}") == (
        "Aiko writes: one\n- two"
    )


def test_each_case_of_an_e_mail_is_told_apart_where_it_is_listed():
    cases = {(kind.name, case) for kind, case in examples() if case != USUAL}

    assert {(name, case) for name, words in CASES.items() for case in words} == cases
    assert {kind.name.partition(".")[0] for kind, _case in examples()} == set(CHAPTERS)
