"""The texts of e-mails: one file a kind, and what an organisation or a program made of it.

A kind is `templates/<app>/mail/<name>.md`, a Django template that writes Markdown:

    {% comment %}
    # Asks for a check-in.
    who = "Petra Novak"
    met = true

    [cases.first]
    met = false
    {% endcomment %}
    Subject: …
    Button: …

    …

The comment is TOML: the values that it is sent with, as invented ones, and the cases in which its
text is another one (`true` and `false` ask whether there is a value, words for that value).  What
is shown to who edits it, the gallery and the tests come from it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.utils.safestring import mark_safe

from core.notifications.markdown import Value, as_text, escaped

# where a template keeps its passages; no value of an e-mail can be named so, being lower case
PASSAGES = "PASSAGES"
USUAL = "usual"
# what every e-mail may say; the names of templates and of edited texts alike
EVERYWHERE = {"given_name": "Petra", "full_name": "Petra Novak", "organisation": "Northwind"}
VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
# what looks like a variable and is none, and a link whose address would be a person's words
_BRACES = re.compile(r"\{\{[^{}]{0,40}\}?\}?|\{%.{0,40}|\}\}")
_LINKED = re.compile(r"\]\([^)]*\{\{[^)]*\)")
_FRONT = re.compile(r"\{% comment %\}\n# (.+?)\n(.*?)\{% endcomment %\}", re.DOTALL)
_WRITTEN = re.compile(r"Subject: (.*?)\nButton: (.*?)\n\s*\n(.*)", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """What an e-mail says, each as Markdown."""

    subject: str
    button: str
    body: str


@dataclass(frozen=True)
class EmailTemplate:
    """One kind of e-mail, as its file declares it."""

    name: str
    about: str
    values: Mapping[str, Any]
    cases: Mapping[str, Mapping[str, Any]]

    def case_of(self, context: Mapping[str, Any]) -> str:
        """Return in which case an e-mail with these values is written."""
        for case, wanted in self.cases.items():
            if all(_agrees(context.get(name), value) for name, value in wanted.items()):
                return case
        return USUAL

    def example(self, case: str = USUAL) -> dict[str, Any]:
        """Return invented values for an e-mail in that case."""
        chosen = {
            name: _chosen(self.values[name], wanted)
            for name, wanted in self.cases.get(case, {}).items()
        }
        return {**self.values, **chosen}

    def ours(self, context: Mapping[str, Any]) -> tuple[Text, dict[str, str]]:
        """Return our text with these values, and its passages by name."""
        passages: dict[str, str] = {}
        values = {name: _as_value(value) for name, value in context.items()}
        return self._written({**values, PASSAGES: passages}), passages

    def start(self, case: str = USUAL) -> Text:
        """Return our text with its variables in place: what who edits it begins with."""
        example = self.example(case)
        named = {name: _placed(name, example[name]) for name in self._variables(case)}
        return self._written({**example, **named})

    def variables(self, case: str = USUAL) -> dict[str, str]:
        """Return what an edited text may name in that case, each with an invented value."""
        start = self.start(case)
        _text, passages = self.ours(self.example(case))
        named = VARIABLE.findall(f"{start.subject}\n{start.button}\n{start.body}")
        names = [*dict.fromkeys([*named, *self._variables(case)])]
        example = self.example(case)
        return {
            name: _on_a_line(passages[name]) if name in passages else plain(example.get(name))
            for name in names
        }

    def _variables(self, case: str) -> tuple[str, ...]:
        example = self.example(case)
        asked = {
            name
            for wanted in self.cases.values()
            for name, value in wanted.items()
            if isinstance(value, str)
        }
        return tuple(name for name, value in example.items() if name not in asked and plain(value))

    def _written(self, context: Mapping[str, Any]) -> Text:
        app, _, name = self.name.partition(".")
        template = Engine.get_default().get_template(f"{app}/mail/{name}.md")
        written = _WRITTEN.fullmatch(str(template.render(Context(dict(context)))).strip())
        if written is None:
            raise ValueError(f"{self.name} has no subject, button and body")
        body = re.sub(r"\n\s*\n", "\n\n", written[3].strip())
        return Text(" ".join(written[1].split()), " ".join(written[2].split()), body)


@cache
def kinds() -> Mapping[str, EmailTemplate]:
    """Return every kind of e-mail by its name, `<app>.<name>`."""
    found = sorted((settings.ROOT / "templates").glob("*/mail/*.md"))
    read = ((f"{path.parent.parent.name}.{path.stem}", path.read_text()) for path in found)
    return {name: _declared(name, text) for name, text in read}


def _declared(name: str, text: str) -> EmailTemplate:
    front = _FRONT.match(text)
    if front is None:
        raise ValueError(f"{name} does not declare its values")
    values = tomllib.loads(front[2])
    cases = values.pop("cases", {})
    return EmailTemplate(name, front[1], EVERYWHERE | values, cases)


def filled(edited: Text, context: Mapping[str, Any], passages: Mapping[str, str]) -> Text:
    """Return an edited text with these values; a paragraph all of whose values are empty goes."""

    def value(name: str) -> str:
        return passages[name] if name in passages else escaped(plain(context.get(name)))

    def line(text: str) -> str:
        parts = VARIABLE.split(text)  # words and names by turns
        return "".join(
            value(part) if index % 2 else escaped(part, edges=True)
            for index, part in enumerate(parts)
        )

    paragraphs = [
        VARIABLE.sub(lambda match: value(match[1]), paragraph)
        for paragraph in re.split(r"\n\s*\n", edited.body.replace("\r\n", "\n").strip())
        if not (names := VARIABLE.findall(paragraph)) or any(value(name) for name in names)
    ]
    return Text(line(edited.subject), line(edited.button), "\n\n".join(paragraphs))


def mistakes(text: str, variables: Iterable[str]) -> list[str]:
    """Return the variables of an edited text that its kind does not have, as they are written."""
    known = set(variables)
    wrong = [match[0] for match in VARIABLE.finditer(text) if match[1] not in known]
    rest = VARIABLE.sub("", text)
    return [*wrong, *_BRACES.findall(rest), *_LINKED.findall(text)]


def plain(value: object) -> str:
    """Return a value as an edited text says it: words, a number, or words in a row."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value) if all(isinstance(each, str) for each in value) else ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _chosen(usual: Any, wanted: object) -> object:
    """Return an invented value as a case wants it: one that there is, none, or those words."""
    if wanted is True:
        return usual or True
    return type(usual)() if wanted is False else wanted


def _on_a_line(markdown: str) -> str:
    return " ".join(as_text(markdown).split())


def _agrees(value: object, wanted: object) -> bool:
    return bool(value) is wanted if isinstance(wanted, bool) else value == wanted


def _as_value(value: object) -> object:
    """Wrap words, however deep they lie, so that a template cannot take them for Markdown."""
    if isinstance(value, str):
        return Value(value)
    if isinstance(value, Mapping):
        return {name: _as_value(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_value(each) for each in value]
    return value


def _placed(name: str, value: object) -> object:
    """Return what stands for a value in the text that is edited: the variable of that name."""
    variable = mark_safe("{{ " + name + " }}")
    return [variable] if isinstance(value, list) else variable


def examples_of_programs() -> Iterator[tuple[EmailTemplate, str]]:
    """Yield what a program can say in words of its own; joining an organisation is no program's."""
    for kind, case in examples():
        if not kind.name.startswith("accounts."):
            yield kind, case


def examples() -> Iterator[tuple[EmailTemplate, str]]:
    """Yield every kind in each of its cases."""
    for kind in kinds().values():
        for case in (USUAL, *kind.cases):
            yield kind, case
