"""What people may type about sessions."""

from sessions.forms.elections import (
    ConsentForm,
    NominationForm,
    OpenElectionForm,
    ProposeForm,
)
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
from sessions.forms.turns import DeclineForm, OfferAnswerForm, SwapRequestForm, TakeForm

__all__ = [
    "AssignForm",
    "CancelForm",
    "CardForm",
    "ConsentForm",
    "DeclineForm",
    "DoneForm",
    "LinesForm",
    "MoveForm",
    "NominationForm",
    "OfferAnswerForm",
    "OpenElectionForm",
    "PlanForm",
    "PollAnswerForm",
    "PollForm",
    "PromiseForm",
    "ProposeForm",
    "RecordForm",
    "ReplyForm",
    "SwapForm",
    "SwapRequestForm",
    "TakeForm",
    "TapsForm",
]
