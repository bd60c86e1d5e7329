"""Matching runs and requests, and the partnerships that come of them."""

# Django finds the models of an app here; everybody else imports them from their own module
from pairing.models import companions, partnerships, requests, runs

__all__ = ["companions", "partnerships", "requests", "runs"]
