"""What proposing, talking and deciding may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class DecisionMoved(DomainError):
    code = "decision_moved"
    message = _("This decision has moved on meanwhile. Look at it again.")


class NotYoursToSteer(DomainError):
    code = "decision_not_yours_to_steer"
    message = _("Who proposed it takes it further.")


class QuestionsOpen(DomainError):
    code = "decision_questions_open"
    message = _("There are questions without an answer. Answer them first.")


class VotingOver(DomainError):
    code = "decision_voting_over"
    message = _("Answers are no longer taken.")


class NotAsked(DomainError):
    code = "decision_not_asked"
    message = _("The owner of this decision asks others for advice.")


class NobodyAsked(DomainError):
    code = "decision_nobody_asked"
    message = _("Ask at least one person for advice first.")


class NoQuorum(DomainError):
    """There is no outcome without a quorum."""

    code = "decision_no_quorum"
    message = _("%(answered)d have answered, and %(needed)d are needed.")

    def __init__(self, answered: int, needed: int) -> None:
        super().__init__()
        self.answered, self.needed = answered, needed

    def __str__(self) -> str:
        return str(self.message) % {"answered": self.answered, "needed": self.needed}


class OwnerDecides(DomainError):
    code = "decision_owner_decides"
    message = _("Who asked for advice decides, and says why.")


class NothingAmended(DomainError):
    code = "decision_nothing_amended"
    message = _("Change a word of the proposal first.")


class NoObjection(DomainError):
    code = "decision_no_objection"
    message = _("You have no objection that stands.")
