"""What people may type about runs, partnerships and requests."""

from pairing.forms.fairness import GroupsForm
from pairing.forms.matching import (
    ChoosePairForm,
    EndForm,
    MatchingForm,
    NameForm,
    PairRuleForm,
    SetNameForm,
    TwoPeopleForm,
)
from pairing.forms.repairing import PartingForm, PauseForm
from pairing.forms.requests import AnswerForm, AskForm, WishForm, WordsForm
from pairing.forms.why_not import WhyNotForm

__all__ = [
    "AnswerForm",
    "AskForm",
    "ChoosePairForm",
    "EndForm",
    "GroupsForm",
    "MatchingForm",
    "NameForm",
    "PairRuleForm",
    "PartingForm",
    "PauseForm",
    "SetNameForm",
    "TwoPeopleForm",
    "WhyNotForm",
    "WishForm",
    "WordsForm",
]
