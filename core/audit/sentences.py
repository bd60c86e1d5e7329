"""An audited act as a sentence: what an owner reads instead of a verb with dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit.models import AuditEvent
from core.audit.names import Names
from core.members.models import Member

# Acts of the platform, said well.  Every other act is read from its verb: `noun.participle`.
SENTENCES: dict[str, Promise] = {
    "organisation.created": gettext_lazy("%(actor)s opened the organisation."),
    "organisation.changed": gettext_lazy("%(actor)s changed the settings: %(changed)s."),
    "organisation.moved": gettext_lazy(
        "%(actor)s changed the address from /o/%(before)s/ to /o/%(after)s/."
    ),
    "member.added": gettext_lazy("%(actor)s entered %(target)s as %(role)s."),
    "member.changed": gettext_lazy("%(actor)s changed %(changed)s of %(target)s."),
    "member.went_live": gettext_lazy("%(target)s joined."),
    "member.role_changed": gettext_lazy(
        "%(actor)s changed the role of %(target)s from %(before)s to %(after)s."
    ),
    "member.scope_changed": gettext_lazy(
        "%(actor)s changed which programs %(target)s runs. All of them: %(all_programs)s."
    ),
    "member.left": gettext_lazy("%(actor)s marked %(target)s as left."),
    "member.erased": gettext_lazy("%(actor)s erased the words and names of %(target)s."),
    "words.erased": gettext_lazy(
        "The time of the old words of %(target)s was over: %(rows)s were erased."
    ),
    "organisation.closed": gettext_lazy("%(actor)s closed the organisation."),
    "member.came_back_as_new": gettext_lazy(
        "%(target)s came back as a new person: not by the sign-in that they had before."
    ),
    "member.merged": gettext_lazy("%(actor)s made one person of %(target)s and another row."),
    "merge.proposed": gettext_lazy(
        "%(actor)s asked whether %(target)s and %(gone)s are one person."
    ),
    "merge.agreed": gettext_lazy("%(actor)s said that another row is theirs as well."),
    "merge.refused": gettext_lazy("%(actor)s said that %(target)s and %(gone)s are two people."),
    "merge.withdrawn": gettext_lazy(
        "%(actor)s withdrew the question whether %(target)s and %(gone)s are one person."
    ),
    "merge.expired": gettext_lazy(
        "Whether %(target)s and %(gone)s are one person was not answered by both in time."
    ),
    "address.asked": gettext_lazy("%(actor)s asked %(target)s to confirm a new e-mail."),
    "address.confirmed": gettext_lazy("%(target)s has confirmed the new e-mail."),
    "address.kept": gettext_lazy("%(actor)s left the e-mail of %(target)s as it is."),
    "address.released": gettext_lazy(
        "%(actor)s released the e-mail of %(target)s, who has left, for somebody else."
    ),
    "directory.entered": gettext_lazy("The directory “%(token)s” entered %(target)s."),
    "directory.changed": gettext_lazy(
        "The directory “%(token)s” changed %(changed)s of %(target)s."
    ),
    "directory.left": gettext_lazy("The directory “%(token)s” marked %(target)s as left."),
    "directory.role_changed": gettext_lazy(
        "The directory’s group “%(group)s” changed the role of %(target)s from %(before)s to"
        " %(after)s."
    ),
    "directory_group.entered": gettext_lazy(
        "The directory “%(token)s” entered the group “%(target)s”."
    ),
    "directory_group.changed": gettext_lazy(
        "The directory “%(token)s” changed the group “%(target)s”."
    ),
    "directory_group.removed": gettext_lazy(
        "The directory “%(token)s” removed the group “%(target)s”."
    ),
    "directory_group.mapped": gettext_lazy(
        "%(actor)s changed the role that the directory’s group “%(target)s” gives from"
        " “%(before)s” to “%(after)s”."
    ),
    "directory_token.created": gettext_lazy("%(actor)s let the directory “%(target)s” in."),
    "directory_token.rotated": gettext_lazy(
        "%(actor)s made a new secret for the directory “%(target)s”."
    ),
    "directory_token.revoked": gettext_lazy("%(actor)s shut the directory “%(target)s” out."),
    "identity.connected": gettext_lazy("%(target)s connected their sign-in at %(provider)s."),
    "identity.sign_in_added": gettext_lazy("%(target)s added a sign-in of their own."),
    "identity_provider.changed": gettext_lazy(
        "%(actor)s set up the sign-in at %(target)s: %(changed)s."
    ),
    "identity_provider.removed": gettext_lazy("%(actor)s removed the sign-in at %(target)s."),
    "identity_provider.tested": gettext_lazy("%(actor)s tested the sign-in at %(target)s."),
    "identity_provider.required": gettext_lazy(
        "%(actor)s changed whether everybody signs in at %(target)s: %(required)s."
    ),
    "consent_text.published": gettext_lazy(
        "%(actor)s published version %(version)s of a consent text: %(purpose)s."
    ),
    "consent.given": gettext_lazy(
        "%(target)s agreed to version %(version)s of a consent text: %(purpose)s."
    ),
    "consent.withdrawn": gettext_lazy("%(target)s withdrew a consent: %(purpose)s."),
    "domain.added": gettext_lazy("%(actor)s added the domain %(target)s."),
    "domain.proved": gettext_lazy("%(actor)s proved the domain %(target)s."),
    "domain.removed": gettext_lazy("%(actor)s removed the domain %(target)s."),
    "domain.joined": gettext_lazy("%(target)s joined by a mailbox of %(domain)s."),
    "address.works": gettext_lazy("%(actor)s said that e-mails to them do arrive."),
    "charter.objected": gettext_lazy("%(actor)s objected to the charter of %(target)s."),
    "charter.signed": gettext_lazy("%(actor)s signed the charter of %(target)s."),
    "decision.moved": gettext_lazy("%(actor)s brought %(target)s to: %(to)s."),
    "decision.owned": gettext_lazy("%(actor)s gave %(target)s to %(owner)s."),
    "goal.led": gettext_lazy("%(actor)s gave the lead of a goal (%(target)s) to %(lead)s."),
    "goal.met": gettext_lazy("A goal was met (%(target)s)."),
    "goal.set": gettext_lazy("%(actor)s set a goal (%(target)s)."),
    "goal.dropped": gettext_lazy("%(actor)s dropped a goal (%(target)s)."),
    "invitation.sent": gettext_lazy("%(actor)s invited %(target)s as %(role)s."),
    "invitation.withdrawn": gettext_lazy("%(actor)s withdrew the invitation of %(target)s."),
    "invitation.accepted": gettext_lazy("%(target)s accepted the invitation."),
    "invitation.declined": gettext_lazy("%(target)s declined the invitation."),
    "emails.sent_again": gettext_lazy(
        "%(actor)s had e-mails sent again that did not arrive: %(count)s."
    ),
    "email_text.edited": gettext_lazy("%(actor)s changed the text of an e-mail (%(target)s)."),
    "email_text.restored": gettext_lazy(
        "%(actor)s went back to the text before of an e-mail (%(target)s)."
    ),
    "webhook.added": gettext_lazy("%(actor)s has news posted to a chat (%(target)s)."),
    "webhook.removed": gettext_lazy(
        "%(actor)s has no news posted to a chat (%(target)s) any more."
    ),
    "webhook.tested": gettext_lazy("%(actor)s had a test posted to a chat (%(target)s)."),
    "webhook.stopped": gettext_lazy(
        "Nothing is posted to a chat (%(target)s) any more: it did not work for three days."
    ),
    "webhook_endpoint.added": gettext_lazy(
        "%(actor)s has what is written told to the webhook “%(target)s”: %(lists)s."
    ),
    "webhook_endpoint.changed": gettext_lazy(
        "%(actor)s changed the webhook “%(target)s”: %(fields)s."
    ),
    "webhook_endpoint.disabled": gettext_lazy("%(actor)s switched off the webhook “%(target)s”."),
    "webhook_endpoint.enabled": gettext_lazy("%(actor)s switched the webhook “%(target)s” on."),
    "webhook_endpoint.replayed_since": gettext_lazy(
        "%(actor)s had %(messages)s messages sent again to the webhook “%(target)s”."
    ),
    "webhook_endpoint.rotated": gettext_lazy(
        "%(actor)s made a new secret for the webhook “%(target)s”. The one before signs for"
        " %(days)s more days."
    ),
    "webhook_endpoint.tested": gettext_lazy(
        "%(actor)s had a test sent to the webhook “%(target)s”."
    ),
    "webhook_endpoint.replayed": gettext_lazy(
        "%(actor)s had a message sent again to the webhook “%(target)s”."
    ),
    "webhook_endpoint.removed": gettext_lazy("%(actor)s removed the webhook “%(target)s”."),
    "webhook_endpoint.stopped": gettext_lazy(
        "Nothing is sent to the webhook “%(target)s” any more: it did not work."
    ),
    "election.opened": gettext_lazy("%(actor)s opened an election: %(target)s."),
    "election.decided": gettext_lazy("%(actor)s closed an election: %(target)s."),
    "turn_offer.made": gettext_lazy("%(actor)s asked somebody to take a turn: %(target)s."),
    "enrolment.applied": gettext_lazy("%(actor)s applied to a cohort: %(target)s."),
    "enrolment.entered": gettext_lazy("%(actor)s entered %(target)s into a cohort."),
    "enrolment.sharing_changed": gettext_lazy(
        "%(actor)s changed which answers partners may read as a reason."
    ),
    "segment.saved": gettext_lazy("%(actor)s saved a segment of people (%(target)s)."),
    "segment.renamed": gettext_lazy("%(actor)s renamed a segment of people (%(target)s)."),
    "segment.deleted": gettext_lazy("%(actor)s deleted a segment of people."),
    "season.called_off": gettext_lazy(
        "Sessions of %(target)s were called off with it: %(sessions)s."
    ),
    "season.restored": gettext_lazy("Sessions of %(target)s take place after all: %(sessions)s."),
    "session.missed": gettext_lazy("Nobody came to %(target)s, as %(actor)s wrote down."),
    "milestone.reached": gettext_lazy("A milestone was reached (%(target)s): %(kind)s."),
    "milestone.undone": gettext_lazy(
        "A milestone was undone, since its fact was corrected (%(target)s): %(kind)s."
    ),
    "thanks.given": gettext_lazy("%(actor)s thanked %(to)s (%(target)s)."),
    "token.created": gettext_lazy("%(actor)s made the API token “%(target)s” for %(scopes)s."),
    "token.revoked": gettext_lazy("%(actor)s revoked the API token “%(target)s”."),
    "token.rotated": gettext_lazy(
        "%(actor)s made a new secret for the API token “%(target)s”. The one before opens for"
        " %(days)s more days."
    ),
    "token.restricted": gettext_lazy(
        "%(actor)s changed from where the API token “%(target)s” opens: %(addresses)s."
    ),
    "token.offered": gettext_lazy(
        "%(actor)s asked %(to)s to take over the API token “%(target)s”."
    ),
    "token.taken_over": gettext_lazy(
        "%(actor)s took over the API token “%(target)s” by making one of their own."
    ),
    "token.used": gettext_lazy(
        "The API token “%(target)s” was used on %(day)s: %(pulls)s requests, %(rows)s rows."
    ),
}

# Participles whose past tense is another word.
_PAST = {
    "begun": "began",
    "chosen": "chose",
    "drawn": "drew",
    "given": "gave",
    "taken": "took",
    "undone": "undid",
    "withdrawn": "withdrew",
    "written": "wrote",
}
_ROLES = {"role", "before", "after"}
# what a token may do, said as its page says it
_SCOPES: dict[str, Promise] = {
    "people.read": gettext_lazy("reading people and their work facts"),
    "facts.read": gettext_lazy("reading facts"),
    "figures.read": gettext_lazy("reading figures"),
    "partnerships.manage": gettext_lazy("changing partnerships"),
}


def sentence(event: AuditEvent, names: Names) -> str:
    """Return what happened in one sentence, with who did it and to what, and what it was before."""
    changes, act = event.details.get("changes"), _act_of(event, names)
    # once the key held a count for some acts
    has_fields = isinstance(changes, dict) and changes
    return f"{act} {_changes_in_words(changes)}" if has_fields else act


def _changes_in_words(changes: Mapping[str, Sequence[object]]) -> str:
    words = [
        _("%(field)s: %(before)s → %(after)s")
        % {
            "field": field.replace("_", " "),
            "before": _value_in_words(before),
            "after": _value_in_words(after),
        }
        for field, (before, after) in changes.items()
    ]
    return f"({'; '.join(words)})"


def _value_in_words(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else str(value)


def _act_of(event: AuditEvent, names: Names) -> str:
    words: dict[str, str] = {
        **{key: _written(key, value, names) for key, value in event.details.items()},
        "actor": names.actor(event),
        "target": names.target(event),
    }
    known = SENTENCES.get(event.verb)
    if known is not None:
        try:
            return str(known) % words
        except KeyError:  # written before this detail was
            pass
    noun, _dot, participle = event.verb.partition(".")
    did = _PAST.get(participle, participle).replace("_", " ")
    return _("%(actor)s %(did)s the %(noun)s “%(target)s”.") % {
        **words,
        "did": did,
        "noun": noun.replace("_", " "),
    }


def act(verb: str) -> str:
    """Return a kind of act in words, for a list to choose from: `match_run.published`."""
    return verb.replace(".", ": ").replace("_", " ")


def _written(key: str, value: object, names: Names) -> str:
    if key in _ROLES and isinstance(value, str) and value in Member.Role.values:
        return str(Member.Role(value).label)
    if isinstance(value, list):
        parts = (_SCOPES.get(str(part), _plain(part, names)) for part in value)
        return ", ".join(str(part) for part in parts)
    return _plain(value, names)


def _plain(value: object, names: Names) -> str:
    if name := names.of(str(value)):
        return name
    return str(value).replace("_", " ")
