"""What sessions, turns, elections, polls and the meeting room may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class NotPlanned(DomainError):
    code = "session_not_planned"
    message = _("This session is no longer planned: it was held, cancelled or missed.")


class AlreadyBegun(DomainError):
    code, message = "session_already_begun", _("This session has already begun. Record it instead.")


class NotYetBegun(DomainError):
    code, message = "session_not_yet_begun", _("A session can be recorded once it has begun.")


class MovedSince(DomainError):
    code = "session_moved_since"
    message = _("The session has moved since that e-mail. Answer for the new time.")


class ActionSettled(DomainError):
    code, message = "action_settled", _("This action is already done or dropped.")


class CalendarAlreadyOpen(DomainError):
    code, message = "calendar_already_open", _("You already have a calendar address.")


class BusyCalendarThere(DomainError):
    code = "busy_calendar_there"
    message = _("One calendar is read already. Remove it first to give another one.")


class NoBusyCalendar(DomainError):
    code, message = "no_busy_calendar", _("No calendar of yours is read any more.")


class JustRead(DomainError):
    code, message = "busy_calendar_just_read", _("It was read a moment ago. Try again in a minute.")


class CalendarNotOpen(DomainError):
    code, message = "calendar_not_open", _("This calendar address has already been closed.")


class NotHeld(DomainError):
    code, message = "session_not_held", _("This session was not held.")


class NobodyMet(DomainError):
    code = "session_nobody_met"
    message = _("At least two people must have been there. If nobody met, cancel the session.")


class BeforeItBegan(DomainError):
    code = "session_before_partnership_began"
    message = _("The partnership had not begun on that day.")


class AlreadyAbsent(DomainError):
    code, message = "absence_already_declared", _("It is known already that you cannot come.")


class NotAbsent(DomainError):
    code, message = "absence_not_declared", _("You are expected at this session.")


class ElectionAlreadyOpen(DomainError):
    code, message = "election_already_open", _("This role is being elected already.")


class ElectionMovedOn(DomainError):
    code, message = "election_moved_on", _("The election is at another step now. Look at it again.")


class NotAllNominated(DomainError):
    code = "election_not_all_nominated"
    message = _("Not everybody has nominated yet. Wait for them, or until the time is up.")


class NominationMade(DomainError):
    code = "nomination_already_made"
    message = _("You have nominated already. You can change it in the change round.")


class ObjectionNeedsReason(DomainError):
    code = "objection_needs_reason"
    message = _("Say why: an objection needs a reason.")


class HolderAbsent(DomainError):
    code = "turn_holder_absent"
    message = _("Somebody who cannot come cannot hold a role at that session.")


class TurnsClash(DomainError):
    """A swap would give one person two roles in one session."""

    code = "turns_clash"
    message = _("One of them would hold two roles in one session. Choose another swap.")


class NotForYouToAssign(DomainError):
    code = "turn_not_yours_to_assign"
    message = _("What somebody holds is theirs to give: ask them for a swap, or a coordinator.")


class OfferClosed(DomainError):
    code = "turn_offer_closed"
    message = _("This question is settled: answered, withdrawn, or its time is over.")


class OfferOutdated(DomainError):
    code, message = "turn_offer_outdated", _("The turns have changed since. Ask for another swap.")


class TurnAlreadyAsked(DomainError):
    code = "turn_already_asked"
    message = _("Somebody has been asked to take this turn already. Wait for their answer.")


class TurnDeclined(DomainError):
    code, message = "turn_already_declined", _("You have declined this turn already.")


class TurnTaken(DomainError):
    code, message = "turn_already_taken", _("Somebody else has volunteered for this role.")


class SeasonAlreadyPlanned(DomainError):
    code = "season_already_planned"
    message = _("The season of this partnership has already been planned.")


class StartsInThePast(DomainError):
    code, message = "session_starts_in_the_past", _("Choose a time that is still to come.")


class AfterItsEnd(DomainError):
    code, message = "session_after_partnership_ends", _("The partnership ends before that day.")


class WhilePaused(DomainError):
    code = "session_while_paused"
    message = _("The partnership is paused then. Choose a later day, or let it go on first.")


class TooLateToRecord(DomainError):
    code = "session_too_late_to_record"
    message = _("This is more than 30 days ago, and what came of it stays as it is.")


class NothingToMove(DomainError):
    code, message = "season_nothing_to_move", _("No session of this season is still to come.")


class SeasonTooLong(DomainError):
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
    code, message = "poll_needs_times", _("Propose three to six different times.")


class PollInForce(DomainError):
    code = "poll_in_force"
    message = _("This partnership is being asked about times already. Decide that first.")


class PollClosed(DomainError):
    code, message = "poll_closed", _("This poll is closed.")


class NoSuchTime(DomainError):
    code, message = "poll_no_such_time", _("This is not one of the times that were proposed.")


class NotYoursToDecide(DomainError):
    code = "poll_not_yours_to_decide"
    message = _("A poll is decided by whoever opened it, or by a coordinator.")


class AlreadyMet(DomainError):
    """A publication is not taken back once people may have sat together."""

    code = "publication_already_met"
    message = _("People of this run have met, or their first session has begun.")


class RoomClosed(DomainError):
    code = "room_closed"
    message = _("The room is closed: this session has ended, or was moved or cancelled.")


class RoomNotYetOpen(DomainError):
    code, message = "room_not_yet_open", _("The room opens an hour before the session begins.")


class NotYoursToTap(DomainError):
    code = "room_not_yours_to_tap"
    message = _("The facilitator runs the meeting. Take the room over if they are missing.")


class NothingToWriteNow(DomainError):
    code = "room_nothing_to_write"
    message = _("Cards are written in a silent step of a meeting that is on.")


class AgendaHasPassed(DomainError):
    """An agenda must not lose the step that runs."""

    code = "agenda_has_passed"
    message = _("Steps that have begun stay as they are. Change those that are still to come.")
