"""What Celery looks for in the wiring."""

from mentoring.schedule import heartbeat

__all__ = ["heartbeat"]
