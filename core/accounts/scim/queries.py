"""What a directory asks and says of any resource: filters, attributes, the steps of a PatchOp."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.accounts.scim.errors import (
    INVALID_FILTER,
    INVALID_PATH,
    INVALID_SYNTAX,
    INVALID_VALUE,
    ScimError,
)
from core.accounts.scim.schemas import PATCH

_FILTER = re.compile(r'\s*([\w.:]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.I)
_PATH = re.compile(r"[\w.:\-$]+(?:\[[^\]]*\](?:\.\w+)?)?")
MOST_OPERATIONS = 100


@dataclass(frozen=True)
class Operation:
    """One step of a PatchOp: of a path its value, or without one several values by name."""

    op: str
    path: str
    value: Any

    @property
    def values(self) -> Mapping[str, Any]:
        if not isinstance(self.value, Mapping):
            raise ScimError("Without a path the value is an object.", kind=INVALID_VALUE)
        return self.value


def bare(name: str, schema: str) -> str:
    """Return an attribute's name, its case folded, without the schema's in front."""
    return name.casefold().removeprefix(f"{schema.casefold()}:")


def compared(wanted: str, names: tuple[str, ...], schema: str) -> tuple[str, str]:
    """Return what `name eq "value"` compares, the name's case folded; only these are understood."""
    match = _FILTER.fullmatch(wanted)
    name = bare(match[1], schema) if match else ""
    value = re.sub(r"\\(.)", r"\1", match[2]) if match else ""
    if "\x00" in value or name not in {one.casefold() for one in names}:
        understood = ", ".join(f'{one} eq "…"' for one in names)
        raise ScimError(f"Only these are understood: {understood}.", kind=INVALID_FILTER)
    return name, value


def operations_of(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Return the steps of a PatchOp, in every dialect."""
    lowered = {str(name).casefold(): value for name, value in body.items()}
    operations = lowered.get("operations")
    if PATCH not in (lowered.get("schemas") or []) or not isinstance(operations, list):
        raise ScimError("This is not a PatchOp with Operations.", kind=INVALID_SYNTAX)
    if len(operations) > MOST_OPERATIONS:
        raise ScimError("These are too many operations at once.", kind="tooMany")
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise ScimError("An operation is an object.", kind=INVALID_SYNTAX)
        yield _operation({str(name).casefold(): value for name, value in operation.items()})


def _operation(operation: Mapping[str, Any]) -> Operation:
    op, path = str(operation.get("op", "")).casefold(), operation.get("path") or ""
    if op not in {"add", "replace", "remove"}:
        raise ScimError("op is add, replace or remove.", kind=INVALID_SYNTAX)
    if op == "remove" and not path:
        raise ScimError("What is to be removed has a path.", kind="noTarget")
    if path and (not isinstance(path, str) or not _PATH.fullmatch(path)):
        raise ScimError("This path cannot be read.", kind=INVALID_PATH)
    return Operation(op, path, operation.get("value"))


def chosen_of(resource: dict[str, Any], wanted: str, unwanted: str) -> dict[str, Any]:
    """Return what `attributes` names, or what `excludedAttributes` does not; never without id."""
    names = {name.strip().split(".")[0].casefold() for name in wanted.split(",") if name.strip()}
    others = {name.strip().casefold() for name in unwanted.split(",") if name.strip()}
    always = {"schemas", "id"}
    return {
        name: value
        for name, value in resource.items()
        if name in always
        or ((not names or name.casefold() in names) and name.casefold() not in others)
    }
