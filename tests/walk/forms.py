"""The forms of a page, read from its HTML as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

TYPED = {
    "text",
    "email",
    "number",
    "date",
    "time",
    "datetime-local",
    "search",
    "url",
    "password",
    "tel",
}


@dataclass
class Control:
    """One named control of a form, with what a browser would send untouched."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    sent: bool = True

    @property
    def typed(self) -> bool:
        """Whether a person types into it freely."""
        return self.kind in TYPED or self.kind == "textarea"


@dataclass
class Form:
    """One form: where it goes, how, and its controls."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def untouched(self) -> dict[str, list[str]]:
        """Return what pressing the button would send."""
        data: dict[str, list[str]] = {}
        for control in self.controls:
            if control.sent and control.kind != "file":
                data.setdefault(control.name, []).append(control.value)
        return data

    @property
    def shape(self) -> tuple[str, tuple[str, ...]]:
        """What makes two forms the same form."""
        return self.method, tuple(sorted({control.name for control in self.controls}))


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.waiting: list[tuple[str, Control]] = []
        self._form: Form | None = None
        self._select: Control | None = None
        self._area: Control | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urljoin(self.page, given.get("action") or self.page)
            self._form = Form(action, given.get("method", "get").lower())
            self.forms.append(self._form)
            if "id" in given:
                self.by_id[given["id"]] = self._form
        elif tag == "input" and given.get("name"):
            kind = given.get("type", "text")
            sent = kind not in {"checkbox", "radio"} or "checked" in given
            value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
            self._add(given, Control(given["name"], kind, value, sent=sent))
        elif tag == "textarea" and given.get("name"):
            self._area = Control(given["name"], "textarea")
            self._add(given, self._area)
        elif tag == "select" and given.get("name"):
            self._select = Control(given["name"], "select")
            self._add(given, self._select)
        elif tag == "option" and self._select is not None:
            value = given.get("value", "")
            if "selected" in given or not self._select.options:
                self._select.value = value
            self._select.options.append(value)
        elif tag == "button" and given.get("name") and given.get("type", "submit") == "submit":
            self._add(given, Control(given["name"], "submit", given.get("value", ""), sent=False))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data.removeprefix("\n")

    def _add(self, given: dict[str, str], control: Control) -> None:
        if "disabled" in given:
            return
        if given.get("form"):
            self.waiting.append((given["form"], control))
        elif self._form is not None:
            self._form.controls.append(control)


def forms_of(html: str, page: str) -> list[Form]:
    """Return the forms of a page at that address."""
    reader = _Reader(page)
    reader.feed(html)
    for form_id, control in reader.waiting:
        if form_id in reader.by_id:
            reader.by_id[form_id].controls.append(control)
    return reader.forms
