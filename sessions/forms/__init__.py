"""What people may type about sessions."""

from sessions.forms.rooms import CardForm, PromiseForm, TapsForm
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
    "CardForm",
    "LinesForm",
    "MoveForm",
    "PlanForm",
    "PromiseForm",
    "RecordForm",
    "SwapForm",
    "TapsForm",
]
