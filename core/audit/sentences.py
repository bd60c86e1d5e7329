"""An audited act as a sentence: what an owner reads instead of a verb with dots."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit.models import AuditEvent
from core.members.models import Member

# Acts of the platform, said well.  Every other act is read from its verb: `noun.participle`.
SENTENCES: dict[str, Promise] = {
    "organisation.created": gettext_lazy("%(actor)s opened the organisation."),
    "organisation.changed": gettext_lazy("%(actor)s changed the settings: %(changed)s."),
    "member.added": gettext_lazy("%(actor)s entered %(target)s as %(role)s."),
    "member.changed": gettext_lazy("%(actor)s changed %(changed)s of %(target)s."),
    "member.went_live": gettext_lazy("%(target)s joined."),
    "member.role_changed": gettext_lazy(
        "%(actor)s changed the role of %(target)s from %(before)s to %(after)s."
    ),
    "member.left": gettext_lazy("%(actor)s marked %(target)s as left."),
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
    "enrolment.sharing_changed": gettext_lazy(
        "%(actor)s changed which answers partners may read as a reason."
    ),
    "session.missed": gettext_lazy("Nobody came to %(target)s, as %(actor)s wrote down."),
    "token.created": gettext_lazy("%(actor)s made the API token “%(target)s” for %(scopes)s."),
    "token.revoked": gettext_lazy("%(actor)s revoked the API token “%(target)s”."),
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


def sentence(event: AuditEvent) -> str:
    """Return what happened in one sentence, with who did it and to what."""
    words: dict[str, str] = {
        **{key: _written(key, value) for key, value in event.details.items()},
        "actor": event.actor_name or _("Roundtable"),
        "target": event.target_name,
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


def _written(key: str, value: object) -> str:
    if key in _ROLES and isinstance(value, str) and value in Member.Role.values:
        return str(Member.Role(value).label)
    if isinstance(value, list):
        return ", ".join(str(part).replace("_", " ") for part in value)
    return str(value).replace("_", " ")
