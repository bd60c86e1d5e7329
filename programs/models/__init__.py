"""Programs, their design, cohorts, who is enrolled, and imports of people: loaded for Django."""

from programs.models import imports, parts, programs

__all__ = ["imports", "parts", "programs"]
