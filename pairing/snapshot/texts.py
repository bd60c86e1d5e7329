"""Free text in a snapshot: what people wrote, and the vectors that say what it means."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from pairing.engine import Kind

Snapshot = dict[str, Any]

VECTORS = "vectors"  # text -> its vector, packed as pairing.semantic does; absent: not weighed
SIDES = ("seekers", "offerers", "peers")
PARTS = ("columns", "sought")


def text_keys(snapshot: Snapshot) -> set[str]:
    """Return the keys of the criteria that compare free text."""
    return {each["key"] for each in snapshot["criteria"] if each["kind"] == Kind.TEXT}


def texts_of(snapshot: Snapshot) -> set[str]:
    """Return every text that a criterion compares."""
    keys = text_keys(snapshot)
    return {
        text
        for side in SIDES
        for part in PARTS
        for key, values in snapshot.get(side, {}).get(part, {}).items()
        if key in keys
        for text in values
        if text is not None
    }


def read_texts(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with vectors in the place of texts; without vectors, without those."""
    keys = text_keys(snapshot)
    if not keys:
        return snapshot
    read = {text: unpacked(packed) for text, packed in snapshot.get(VECTORS, {}).items()}
    whole = dict(snapshot)
    for side in SIDES:
        if side in snapshot:
            whole[side] = dict(snapshot[side])
            for part in PARTS:
                if part in snapshot[side]:
                    whole[side][part] = _in_vectors(snapshot[side][part], keys, read)
    if VECTORS not in snapshot:
        whole["criteria"] = [each for each in snapshot["criteria"] if each["key"] not in keys]
    return whole


def _in_vectors(
    columns: Mapping[str, list[Any]], keys: set[str], read: Mapping[str, tuple[int, ...]]
) -> dict[str, list[Any]]:
    return {
        key: [read.get(text) for text in values] if key in keys else values
        for key, values in columns.items()
    }


def unpacked(packed: str) -> tuple[int, ...]:
    """Return a packed vector as whole numbers."""
    return tuple(np.frombuffer(base64.b85decode(packed), "<i2").tolist())
