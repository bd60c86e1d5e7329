"""The facilitator's kit: all that whoever leads a session needs, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.members.models import Member
from pairing.models.partnerships import Seat
from programs.models.parts import Competency, MeetingRole
from sessions.attendance.queries import replies_of
from sessions.models.sessions import Retrospective, Session
from sessions.page.queries.sheet import SessionSheet, session_sheet
from sessions.rotation.texts import people


@dataclass(frozen=True)
class _KitSheet:
    """The kit of one session as a partner reads it; `mine` if the reader is to lead."""

    sheet: SessionSheet
    role: MeetingRole | None
    holder: Seat | None
    mine: bool
    checklist: tuple[str, ...]
    thanks: tuple[Retrospective, ...]
    competency: Competency | None
    tips: tuple[str, ...]

    @property
    def session(self) -> Session:
        return self.sheet.session


def kit_path(session: Session) -> str:
    return reverse("sessions:kit", args=[session.organisation.slug, session.pk])


def kit_sheet(*, session: Session, member: Member, at: datetime) -> _KitSheet:
    """Return the kit of a session, in a fixed number of queries.  Wants it from `for_list`."""
    sheet = session_sheet(session=session, member=member, at=at)
    leading = next((holding for holding in sheet.holdings if holding.role.leads), None)
    holder = leading.seat if leading else None
    competency = None
    if leading and leading.role.competency_id:
        competency = Competency.objects.filter(pk=leading.role.competency_id).first()
    return _KitSheet(
        sheet=sheet,
        role=leading.role if leading else None,
        holder=holder,
        mine=bool(holder and holder.enrolment.member_id == member.pk),
        checklist=tuple(_checklist(sheet, member)),
        thanks=_last_thanks(session, member),
        competency=competency,
        tips=tips_for(competency.key) if competency else (),
    )


def _last_thanks(session: Session, member: Member) -> tuple[Retrospective, ...]:
    """Return what people thanked for after the last held session before this one."""
    last = (
        Session.objects.filter(
            partnership=session.partnership_id,
            state=Session.State.HELD,
            starts_at__lt=session.starts_at,
        )
        .order_by("-starts_at", "-number")
        .values("pk")[:1]
    )
    thanks = Retrospective.objects.visible_to(member).filter(session__in=last).exclude(thanks="")
    return tuple(thanks.select_related("seat__enrolment__member").order_by("id"))


def _checklist(sheet: SessionSheet, member: Member) -> list[str]:
    """Return what is to be seen to before this session, from how it stands now."""
    session = sheet.session
    replies = replies_of(session, reader=member)
    seats = [person.seat for person in sheet.people]
    names = {seat.pk: seat.enrolment.member.given_name for seat in seats}
    away = [names[pk] for pk, reply in replies.items() if reply.away and pk in names]
    mine = sheet.seat.pk if sheet.seat else None
    silent = [name for pk, name in names.items() if pk not in replies and pk != mine]
    free = [str(holding.role.name) for holding in sheet.holdings if holding.seat is None]
    items = []
    if session.topic:
        items.append(_("The topic is “%(topic)s”: send a question to think about.") % _of(session))
    else:
        items.append(_("Choose the topic, and say it to the others two days before."))
    if session.place or session.video_url:
        items.append(_("Try the room or the link before people come."))
    else:
        items.append(_("Say where you meet: a room, or a video link."))
    if away:
        items.append(_("Plan without %(names)s.") % {"names": people(away)})
    if silent:
        items.append(
            ngettext(
                "Ask %(names)s, who has not said yet, whether they come.",
                "Ask %(names)s, who have not said yet, whether they come.",
                len(silent),
            )
            % {"names": people(silent)}
        )
    if free:
        items.append(_("Nobody holds these roles yet: %(roles)s.") % {"roles": people(free)})
    items.append(
        _("Walk through the agenda once: it takes %(minutes)d of %(all)d minutes.")
        % {"minutes": sum(step.minutes for step in sheet.steps), "all": session.duration_minutes}
        if sheet.steps
        else _("Write down three steps with their minutes: the program brings no agenda.")
    )
    items.append(_("Keep the last five minutes for one action each and a look back."))
    return items


def _of(session: Session) -> dict[str, str]:
    return {"topic": session.topic}


# By the keys of the competencies that our templates bring; others have none.
TIPS: dict[str, tuple[Promise, ...]] = {
    "active-listening": (
        gettext_lazy("Say back what you heard before you answer, and ask whether it is right."),
        gettext_lazy("Count to five after somebody stops: often the important part comes then."),
    ),
    "clear-expression": (
        gettext_lazy("Begin with the point in one sentence, then give one example."),
        gettext_lazy("Ask somebody to repeat the question you are all working on."),
    ),
    "constructive-feedback": (
        gettext_lazy("Say what you saw, what it did, and what you wish for: in that order."),
        gettext_lazy("Ask whether feedback is welcome now, and let people choose on what."),
    ),
    "decision-making": (
        gettext_lazy("Name the decision and how it will be taken before anybody argues."),
        gettext_lazy("Ask for objections, not for agreement: “can you live with it until May?”"),
    ),
    "conflict-resolution": (
        gettext_lazy("Name the disagreement without a culprit: two needs, one circle."),
        gettext_lazy(
            "Let each side say the other's concern until the other says “yes, that is it”."
        ),
    ),
    "facilitation": (
        gettext_lazy(
            "Open with a round in which everybody speaks, and keep your own turn for last."
        ),
        gettext_lazy("Say what a step is for and how long it takes, then keep the time."),
        gettext_lazy("When two talk, ask the others: “who has not been heard on this?”"),
    ),
    "inclusion": (
        gettext_lazy("Let people write for two minutes before they speak: quiet people gain most."),
        gettext_lazy("Ask what would make it easier to take part, and change one thing at once."),
    ),
    "consensus-building": (
        gettext_lazy("Collect concerns in a round first; only then change the proposal."),
        gettext_lazy("Look for what is good enough for now and safe enough to try."),
    ),
    "strategic-thinking": (
        gettext_lazy("Ask “what would have to be true?” before “what shall we do?”"),
        gettext_lazy("End each topic with what you will stop doing."),
    ),
}


def tips_for(key: str) -> tuple[str, ...]:
    """Return the tips on a competency by its key, however it is spelt."""
    return tuple(str(tip) for tip in TIPS.get(key.replace("_", "-"), ()))
