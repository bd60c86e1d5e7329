"""The kinds of e-mail a person gets, in words, and which of them they have turned off."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.notifications.channels import CHANNELS
from core.notifications.channels.base import Channel
from core.notifications.models import Email, MutedKind

# What is sent because the person would be locked out without it cannot be turned off.
ALWAYS_SENT = frozenset({"accounts.invitation"})
WORDS: dict[str, Promise] = {
    "pairing.matched": _("Who your partners are"),
    "pairing.parted": _("A partnership of yours has ended"),
    "pairing.rests": _("A partnership of yours rests"),
    "pairing.goes_on": _("A partnership of yours goes on"),
    "pairing.request": _("Somebody asks to be your partner"),
    "pairing.request_question": _("Somebody you asked would like to know more"),
    "pairing.request_answered": _("An answer to what you asked back"),
    "pairing.request_over": _("Somebody you asked cannot, and whom you ask next"),
    "pairing.request_closed": _("A request to you is settled"),
    "pairing.request_accepted": _("Somebody you asked, or who asked you, is your partner"),
    "pairing.request_stuck": _("Somebody has nobody left to ask"),
    "pairing.approval_asked": _("Somebody asks you to approve a matching"),
    "pairing.approval_answered": _("Whether a matching of yours is approved"),
    "sessions.invitation": _("Invitations to sessions"),
    "sessions.changed": _("A session that moves or will not take place"),
    "sessions.taken_back": _("Your match is being made anew"),
    "sessions.kit": _("The kit a week before you lead"),
    "sessions.poll": _("Questions about when you can meet"),
    "sessions.poll_reminder": _("The reminder to say when you can meet"),
    "sessions.poll_closed": _("What came of a poll that you opened"),
    "sessions.turn_asked": _("Somebody asks you to take a turn"),
    "sessions.turn_answered": _("The answer to a turn that you offered"),
    "sessions.turns_changed": _("Turns that have moved"),
    "sessions.election_opened": _("Whom you nominate for a role"),
    "sessions.election_consent": _("Whether you consent to somebody in a role"),
    "sessions.election_decided": _("Who is elected to a role"),
    "agreements.charter_changed": _("A charter that waits for you to sign it"),
    "agreements.decision_opened": _("Something is proposed, or proposed again"),
    "agreements.decision_vote": _("A decision asks for your answer"),
    "agreements.decision_reminder": _("The reminder to answer a decision"),
    "agreements.decision_closed": _("What came of a decision"),
    "agreements.decision_owner": _("A decision that is now yours to take"),
    "agreements.decision_review": _("A decision that it is time to look at again"),
    "agreements.goal_proposed": _("Somebody suggests a goal for all of you"),
    "agreements.goal_met": _("A goal that is reached"),
    "feedback.check_in": _("Check-ins: how it goes, every few weeks"),
    "feedback.check_in_reminder": _("Reminders of a check-in you have not answered"),
    "feedback.session_rating": _("A question after a session"),
    "feedback.assessment": _("Self-assessments at the start and the end"),
    "feedback.fit": _("Whether a partnership works for you"),
    "feedback.stale": _("A partnership of yours has been quiet"),
    "feedback.lapsed": _("A partnership of yours has lapsed"),
    "feedback.over": _("The time of a partnership is over"),
    "feedback.completed": _("A partnership of yours is complete"),
}


class _EmailKind(NamedTuple):
    kind: str
    channel: str
    words: str
    muted: bool


def email_kinds_of(member: Member) -> list[_EmailKind]:
    """Return the kinds this person has been sent or has turned off, in steady order."""
    sent = set(
        Email.objects.visible_to(member).order_by().values_list("kind", flat=True).distinct()
    )
    muted = set(MutedKind.objects.filter(member=member).values_list("kind", "channel"))
    kinds = sent | {kind for kind, _channel in muted} | {"feedback.check_in"}
    return [
        _EmailKind(kind, channel.name, _words(kind, channel), (kind, channel.name) in muted)
        for kind in sorted(kinds - ALWAYS_SENT)
        for channel in CHANNELS.values()
        if channel.reaches(member)
    ]


def _words(kind: str, channel: type[Channel[Any]]) -> str:
    words = WORDS.get(kind) or kind.partition(".")[2].replace("_", " ").capitalize()
    return f"{words} ({channel.label})" if channel.label else str(words)
