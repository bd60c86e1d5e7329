"""What Django looks for; each subject keeps its own rows, and nothing of ours imports this."""

from agreements.charters.models import Charter, CharterEdit, CharterSection, CharterSignature
from agreements.decisions.models import Adviser, Decision, Outcome, Remark, Step, Vote, Wording
from agreements.goals.models import Goal, GoalBody, GoalProgress, GoalVoice, ReadyToClose

__all__ = [
    "Adviser",
    "Charter",
    "CharterEdit",
    "CharterSection",
    "CharterSignature",
    "Decision",
    "Goal",
    "GoalBody",
    "GoalProgress",
    "GoalVoice",
    "Outcome",
    "ReadyToClose",
    "Remark",
    "Step",
    "Vote",
    "Wording",
]
