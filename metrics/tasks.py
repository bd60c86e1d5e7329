"""The sweep that keeps tallies within a minute of the facts."""

from core.jobs.sweeps import sweep
from metrics import operations


@sweep(name="metrics.fold_dirty_days")
def fold_dirty_days() -> None:
    """Every 30 seconds: days with new or changed facts are tallied again."""
    operations.fold_dirty_days()
