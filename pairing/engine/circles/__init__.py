"""Circles of peers, balanced by what they can do and diverse by where they stand."""
