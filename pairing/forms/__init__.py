"""What people may type about runs, partnerships and requests."""

from pairing.forms.matching import ChoosePairForm, EndForm, MatchingForm, NameForm, PairRuleForm
from pairing.forms.requests import AnswerForm, AskForm, WishForm, WordsForm

__all__ = [
    "AnswerForm",
    "AskForm",
    "ChoosePairForm",
    "EndForm",
    "MatchingForm",
    "NameForm",
    "PairRuleForm",
    "WishForm",
    "WordsForm",
]
