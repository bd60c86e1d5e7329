"""Decisions of a partnership: the list, one as a conversation, the fragment for the room."""
