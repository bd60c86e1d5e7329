"""Catalogs of messages: `make messages` brings each up to what the code says, and compiles it.

Done by Python alone: a machine with git, make and Python has no xgettext and no msgfmt.  What a
template says is found by Django's own reading of it, what code says by its syntax tree.  The
compiled catalogs are committed, so that nothing is to be built before the first page.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from devtools.embedded import ROOT

Id = str | tuple[str, str]
# one message as code names it: its context or "", and its words, singular and plural
Found = tuple[str, Id]
LANGUAGES = {"de": "German", "es": "Spanish"}
# by how many strings each takes: words, plural words, words with a context
ONE = {"_", "_now", "gettext", "gettext_lazy", "gettext_noop"}
MANY = {"ngettext", "ngettext_lazy", "_n"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
# Pages for developers stay in English.
OURS = ("core", "programs", "pairing", "sessions", "agreements", "feedback", "metrics", "mentoring")
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(
    rf" (gettext|ngettext|pgettext|npgettext|_)\((\s*{_LITERAL}(?:\s*,\s*{_LITERAL})*)", re.DOTALL
)


def catalog_of(language: str) -> Path:
    """Return where the messages of a language are kept."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def messages() -> dict[Found, list[str]]:
    """Return every message of ours with the files that say it, in their order."""
    found: dict[Found, list[str]] = {}
    files = [*_templates(), *(path for app in OURS for path in (ROOT / app).rglob("*.py"))]
    for path in sorted(files):
        said = _in_code(path) if path.suffix == ".py" else _in_template(path)
        name = str(path.relative_to(ROOT))
        for message in said:
            places = found.setdefault(message, [])
            if name not in places:
                places.append(name)
    # gettext knows a message by its singular: what is said without a number too is one with it
    singular = {(context, words[0]) for context, words in found if isinstance(words, tuple)}
    return {message: places for message, places in found.items() if message not in singular}


def _templates() -> Iterator[Path]:
    for place in (ROOT / "templates", *(ROOT / app for app in OURS)):
        for path in place.rglob("*.*"):
            inside = path.relative_to(ROOT).parts
            if "templates" in inside and "devtools" not in inside and path.suffix != ".py":
                yield path


def _in_template(path: Path) -> Iterator[Found]:
    for name, literals in _CALL.findall(templatize(path.read_text(), origin=str(path))):
        words = ast.literal_eval(f"({literals},)")
        context = words[0] if name.startswith(("p", "np")) else ""
        words = words[1:] if context else words
        yield context, (words[0], words[1]) if name.startswith("n") else words[0]


def _in_code(path: Path) -> Iterator[Found]:
    for call in ast.walk(ast.parse(path.read_text())):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        words = [arg.value if isinstance(arg, ast.Constant) else None for arg in call.args]
        if name in ONE and isinstance(words[0], str):
            yield "", words[0]
        elif name in MANY and isinstance(words[0], str) and isinstance(words[1], str):
            yield "", (words[0], words[1])
        elif name in IN_CONTEXT and isinstance(words[0], str) and isinstance(words[1], str):
            yield words[0], words[1]


def read(language: str) -> Catalog:
    """Return the catalog of a language as it is kept, or an empty one."""
    path = catalog_of(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str) -> Catalog:
    """Return a catalog without today's date in it: the same messages are the same file."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Catalog(
        locale=language,
        header_comment=f"# {LANGUAGES[language]}",
        project="Roundtable",
        version="1",
        msgid_bugs_address="",
        last_translator="Roundtable",
        language_team=LANGUAGES[language],
        creation_date=day,
        revision_date=day,
        fuzzy=False,
    )


def update(language: str, found: dict[Found, list[str]]) -> None:
    """Write a catalog with exactly these messages, what was translated kept, and compile it."""
    before = read(language)
    after = _empty(language)
    for (context, words), places in sorted(found.items(), key=lambda item: (item[1][0], str(item))):
        old = before.get(words, context or None)
        translated = old.string if old and not old.fuzzy and old.id == words else ""
        after.add(
            words,
            translated or ("" if isinstance(words, str) else ("", "")),
            locations=[(places[0], 0)],
            context=context or None,
        )
    path = catalog_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, after, width=100, sort_output=False, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as file:
        file.write(compiled(after))


def compiled(catalog: Catalog) -> bytes:
    """Return a catalog as gettext reads it; what has no translation is said in English."""
    whole = _empty(str(catalog.locale))
    for message in catalog:
        if message.id and is_whole(message):
            whole.add(message.id, message.string, context=message.context)
    file = BytesIO()
    write_mo(file, whole)
    return file.getvalue()


def wanting(language: str) -> list[Message]:
    """Return the messages of a catalog that have no translation yet."""
    return [message for message in read(language) if message.id and not is_whole(message)]


def is_whole(message: Message) -> bool:
    """Return whether it has a translation in each of its forms that nobody has yet to look at."""
    said = message.string
    strings = said if isinstance(said, (list, tuple)) else (said,)
    return all(strings) and not message.fuzzy


def main() -> None:
    if not settings.configured:
        settings.configure(DEBUG=False)  # `templatize` asks whether it is to explain
    found = messages()
    for language, name in LANGUAGES.items():
        update(language, found)
        print(f"{name}: {len(found)} messages, {len(wanting(language))} without a translation")


if __name__ == "__main__":
    main()
