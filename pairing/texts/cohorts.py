"""What is said of a cohort by its format."""

from __future__ import annotations

from django.utils.translation import ngettext

from programs.models.programs import Cohort, Program


def is_circles(cohort: Cohort) -> bool:
    """Say whether this cohort's people sit in circles."""
    return str(cohort.program.format) == Program.Format.CIRCLES


def tables_count(cohort: Cohort, n: int) -> str:
    """Return "42 pairs" or "24 circles"."""
    if is_circles(cohort):
        return ngettext("%(n)d circle", "%(n)d circles", n) % {"n": n}
    return ngettext("%(n)d pair", "%(n)d pairs", n) % {"n": n}
