"""What people are asked, what they answered, and what was released of it."""

# Django finds the models of an app here; everybody else imports them from their own module
from feedback.models import (
    after_session,
    assessments,
    built,
    check_ins,
    concerns,
    fits,
    journal,
    meetings,
    recognition,
    released,
    review,
    scales,
    surveys,
    testimonials,
    voice,
)

__all__ = [
    "after_session",
    "assessments",
    "built",
    "check_ins",
    "concerns",
    "fits",
    "journal",
    "meetings",
    "recognition",
    "released",
    "review",
    "scales",
    "surveys",
    "testimonials",
    "voice",
]
