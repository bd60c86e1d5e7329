"""Work of this app that takes longer than a page may: reading calendars of other machines."""

from uuid import UUID

from celery import shared_task

from sessions.calendar import operations as calendars


@shared_task(name=calendars.READ_TASK)
def read_busy_calendar(organisation_id: int, calendar_id: str) -> None:
    """Read the calendar of somebody's own from which their busy times come."""
    calendars.read_busy_calendar(organisation_id, UUID(calendar_id))
