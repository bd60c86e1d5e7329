"""The data map: what every table declares of people, as docs/privacy.md shows it."""

from __future__ import annotations

from core.tenancy.catalog import GLOBAL_TABLES
from core.tenancy.models import TenantModel
from mentoring.privacy.tables import tables

HEAD = ("table", "in the export of", "at an erasure", "words are kept")


def data_map() -> list[str]:
    """Return the map as Markdown, a line for each table; docs/privacy.md is held against it."""
    lines = [f"| {' | '.join(HEAD)} |", "| --- | --- | --- | --- |"]
    for model in tables():
        parts = (model._meta.db_table, _export(model), _erasure(model), model.privacy.keep.value)
        lines.append(f"| {' | '.join(parts)} |")
    lines += [f"| {table} | – | {reason} | – |" for table, reason in GLOBAL_TABLES.items()]
    return lines


def _export(model: type[TenantModel]) -> str:
    return ", ".join(f"`{path}`" for path in model.privacy.export) or "–"


def _erasure(model: type[TenantModel]) -> str:
    privacy, said = model.privacy, []
    if privacy.rows:
        said.append("the row goes")
    if privacy.erase:
        said.append(f"emptied: {', '.join(privacy.erase)}")
    if privacy.shared:
        said.append(f"with the last partner: {', '.join(privacy.shared)}")
    if privacy.quotes:
        said.append(f"names replaced: {', '.join(privacy.quotes)}")
    return "; ".join(said) or ("facts stay" if privacy.people else "nobody's")
