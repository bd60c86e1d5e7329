"""Circles of peers, balanced by what they can do and diverse by where they stand."""

from pairing.engine.circles.form import form_circles
from pairing.engine.circles.shapes import Circles, CirclesProblem

__all__ = ["Circles", "CirclesProblem", "form_circles"]
