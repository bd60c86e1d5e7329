"""What people may type about sessions."""

from sessions.forms.planning import PlanForm, PollAnswerForm, PollForm, ReplyForm
from sessions.forms.rooms import CardForm, DoneForm, PromiseForm, TapsForm
from sessions.forms.sessions import (
    AssignForm,
    CancelForm,
    LinesForm,
    MoveForm,
    RecordForm,
    SwapForm,
)

__all__ = [
    "AssignForm",
    "CancelForm",
    "CardForm",
    "DoneForm",
    "LinesForm",
    "MoveForm",
    "PlanForm",
    "PollAnswerForm",
    "PollForm",
    "PromiseForm",
    "RecordForm",
    "ReplyForm",
    "SwapForm",
    "TapsForm",
]
