"""Sessions of a partnership: when they meet, who holds which role, who came, what was learnt."""

# so that Django finds them all
from sessions.models import actions, elections, offers, polls, replies, rooms, sessions

__all__ = ["actions", "elections", "offers", "polls", "replies", "rooms", "sessions"]
