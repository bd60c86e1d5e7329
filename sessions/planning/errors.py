"""What planning, changing and recording sessions may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class SeasonAlreadyPlanned(DomainError):
    code = "season_already_planned"
    message = _("The season of this partnership has already been planned.")


class StartsInThePast(DomainError):
    code = "session_starts_in_the_past"
    message = _("Choose a time that is still to come.")


class AfterItsEnd(DomainError):
    code = "session_after_partnership_ends"
    message = _("The partnership ends before that day.")


class NothingToMove(DomainError):
    code = "season_nothing_to_move"
    message = _("No session of this season is still to come.")


class SeasonTooLong(DomainError):
    """A season does not fit before its partnership ends."""

    code = "season_too_long"
    message = _(
        "Only %(fit)d of the %(wanted)d sessions fit before the partnership ends."
        " Begin sooner, or let them come more often."
    )

    def __init__(self, *, fit: int, wanted: int) -> None:
        super().__init__()
        self.fit, self.wanted = fit, wanted

    def __str__(self) -> str:
        return str(self.message) % {"fit": self.fit, "wanted": self.wanted}


class PollNeedsTimes(DomainError):
    code = "poll_needs_times"
    message = _("Propose three to six different times.")


class PollInForce(DomainError):
    code = "poll_in_force"
    message = _("This partnership is being asked about times already. Decide that first.")


class PollClosed(DomainError):
    code = "poll_closed"
    message = _("This poll is closed.")


class NoSuchTime(DomainError):
    code = "poll_no_such_time"
    message = _("This is not one of the times that were proposed.")


class NotYoursToDecide(DomainError):
    code = "poll_not_yours_to_decide"
    message = _("A poll is decided by whoever opened it, or by a coordinator.")


class AlreadyMet(DomainError):
    """A publication is not taken back once people may have sat together."""

    code = "publication_already_met"
    message = _("People of this run have met, or their first session has begun.")
