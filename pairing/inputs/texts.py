"""Free text in a snapshot: what people wrote, and the vectors that say what it means."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pairing.engine.shapes import Kind
from pairing.inputs.snapshot import Candidates, Columns, Snapshot

# of a stored snapshot: text -> its vector, packed as pairing.inputs.text_vectors does
VECTORS = "vectors"


def text_keys(snapshot: Snapshot) -> set[str]:
    """Return the keys of the criteria that compare free text."""
    return {spec.key for spec in snapshot.criteria if spec.kind == Kind.TEXT}


def texts_of(snapshot: Snapshot) -> set[str]:
    """Return every text that a criterion compares."""
    keys = text_keys(snapshot)
    return {
        text
        for side in snapshot.by_part.values()
        for columns in (side.columns, side.sought or {})
        for key in keys & columns.keys()
        for text in columns[key]
        if text is not None
    }


def read_texts(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with vectors in the place of texts; without vectors, without those."""
    keys = text_keys(snapshot)
    if not keys:
        return snapshot
    read = {text: unpacked(packed) for text, packed in (snapshot.vectors or {}).items()}

    def in_vectors(side: Candidates | None) -> Candidates | None:
        if side is None:
            return None
        sought = None if side.sought is None else _in_vectors(side.sought, keys, read)
        return replace(side, columns=_in_vectors(side.columns, keys, read), sought=sought)

    weighed = snapshot.vectors is not None
    return replace(
        snapshot,
        criteria=tuple(spec for spec in snapshot.criteria if weighed or spec.key not in keys),
        seekers=in_vectors(snapshot.seekers),
        offerers=in_vectors(snapshot.offerers),
        peers=in_vectors(snapshot.peers),
    )


def _in_vectors(columns: Columns, keys: set[str], read: Mapping[str, tuple[int, ...]]) -> Columns:
    return {
        key: [read.get(text) for text in values] if key in keys else values
        for key, values in columns.items()
    }


def unpacked(packed: str) -> tuple[int, ...]:
    """Return a packed vector as whole numbers."""
    return tuple(np.frombuffer(base64.b85decode(packed), "<i2").tolist())
