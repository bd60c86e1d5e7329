"""The rotation engine: a season of turns in which everybody leads equally often, and why.

Plain Python on frozen dataclasses and numpy; it knows neither Django nor our other modules.
"""
