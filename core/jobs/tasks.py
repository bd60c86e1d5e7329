"""The sweeps that find again what the queue has lost."""

from core.jobs import operations
from core.jobs.sweeps import sweep


@sweep(name="jobs.requeue_expired")
def requeue_expired() -> None:
    operations.requeue_expired()


@sweep(name="jobs.drop_expired_files")
def drop_expired_files() -> None:
    operations.drop_expired_files()
