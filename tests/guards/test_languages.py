"""Every language says what the code says: whole where it is offered, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from babel.messages.catalog import Message
from django.conf import settings

from devtools.embedded import ROOT
from devtools.messages import LANGUAGES, catalog_of, compiled, messages, read, wanting
from tests.guards.source import nodes_of, python_files, templates

VALUE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
FILTER = re.compile(r"\|(?:date|time):\"([^\"]+)\"")
WRITTEN_BY_MACHINES = {"c", "DATE_FORMAT", "Y-m-d"}
WRITERS = {"date_format", "day_words"}
SENDERS = {"Draft", "enqueue", "enqueue_all", "write_to"}
AT_ONCE = {"date_format", "time_format", "get_text_list"}
DISPLAY = re.compile(r"get_\w+_display")
# what a format that every language writes alike consists of
ALIKE = re.compile(r"[DlFMYjH]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalog_has_every_message_of_the_code_and_no_other(language: str):
    kept = {(message.context or "", message.id) for message in read(language) if message.id}
    assert kept ^ set(messages()) == set(), "make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str):
    assert catalog_of(language).with_suffix(".mo").read_bytes() == compiled(read(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_and_the_tags_of_its_message(language: str):
    other = {
        str(message.id): message.string
        for message in read(language)
        for english, said in forms_of(message)
        if said and marks(english) != marks(said)
    }
    assert other == {}


def test_a_language_is_offered_when_its_catalog_is_whole():
    offered = {code for code, _name in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert {
        code: wanting(code)[:9] for code in LANGUAGES if code in offered and wanting(code)
    } == {}
    assert offered <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_each_format_of_a_day_that_is_written(language: str):
    own = vars(import_module(f"mentoring.formats.{language}.formats"))
    wanted = {text for text in written_formats() if ALIKE.sub("", text)}
    assert wanted - set(own) - WRITTEN_BY_MACHINES == set()


def test_an_email_is_given_no_words_in_the_language_of_who_acts():
    """What a language writes waits until its reader is known, or says whose language it is."""
    found = [
        f"{path.relative_to(ROOT)}: {function.name}"
        for path in python_files()
        for function in nodes_of(path)
        if isinstance(function, ast.FunctionDef)
        for called in [{name_of(call) for call in ast.walk(function) if isinstance(call, ast.Call)}]
        if called & SENDERS and not called & {"in_language_of"}
        if called & AT_ONCE or any(DISPLAY.fullmatch(name) for name in called)
    ]
    assert found == []


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).split(".")[-1]


def forms_of(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each form with the English one that it stands for; the singular may leave "1" out."""
    if isinstance(message.id, str):
        yield message.id, str(message.string)
    else:
        yield message.id[0], message.string[0]
        for said in message.string[1:]:
            yield message.id[1], said


def marks(text: str) -> list[str]:
    return sorted(VALUE.findall(text) + TAG.findall(text))


def written_formats() -> set[str]:
    """Return the formats of days and times in templates and in calls of WRITERS."""
    found = {text for path in templates() for text in FILTER.findall(path.read_text())}
    for path in python_files():
        for call in nodes_of(path):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in WRITERS:
                last = call.args[-1]
                found |= {last.value} if isinstance(last, ast.Constant) else set()
    return {text for text in found if isinstance(text, str)}
