"""Programs, their design, cohorts, enrolment, training, imports of people: loaded for Django."""

from programs.models import community, imports, parts, profiles, programs, selection, training

__all__ = ["community", "imports", "parts", "profiles", "programs", "selection", "training"]
