"""What SCIM says no with: a status, its own word for the kind, and a sentence."""

from __future__ import annotations

INVALID_VALUE, INVALID_PATH, INVALID_FILTER = "invalidValue", "invalidPath", "invalidFilter"
INVALID_SYNTAX, UNIQUENESS, MUTABILITY = "invalidSyntax", "uniqueness", "mutability"


class ScimError(Exception):
    def __init__(self, detail: str, *, status: int = 400, kind: str = "") -> None:
        super().__init__(detail)
        self.detail, self.status, self.kind = detail, status, kind
