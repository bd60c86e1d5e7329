"""What people may type about sessions."""

from sessions.forms.sessions import (
    AssignForm,
    CancelForm,
    LinesForm,
    MoveForm,
    PlanForm,
    RecordForm,
    SwapForm,
)

__all__ = [
    "AssignForm",
    "CancelForm",
    "LinesForm",
    "MoveForm",
    "PlanForm",
    "RecordForm",
    "SwapForm",
]
