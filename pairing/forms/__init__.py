"""What a coordinator may type about runs and partnerships."""

from pairing.forms.matching import ChoosePairForm, EndForm, MatchingForm, NameForm, PairRuleForm

__all__ = [
    "ChoosePairForm",
    "EndForm",
    "MatchingForm",
    "NameForm",
    "PairRuleForm",
]
