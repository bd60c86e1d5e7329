"""The meeting room of a session: how it stands, every tap, and what its rounds came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.tenancy.models import TenantForeignKey, TenantModel
from core.tenancy.privacy import Keep, Privacy
from pairing.models.partnerships import Seat
from sessions.models.sessions import Session, SessionWordsQuerySet

if TYPE_CHECKING:
    from typing import Self


class Room(TenantModel):
    """A Session while it is held: one row under whose lock every tap is made.

    `state` is `sessions.room.engine.state.RoomState` as JSON, without a word of anybody's;
    `version` counts the taps that changed it.
    """

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="rooms")
    state = models.JSONField()
    version = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(Keep.ORGANISATION, quotes=("state",))
    objects = SessionWordsQuerySet["Room"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session"], name="room_once"),
            models.CheckConstraint(
                name="room_ended_after_start",
                condition=Q(ended_at=None) | Q(started_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.session_id)


class Tap(TenantModel):
    """One tap that changed a room; its `key` comes from the phone, so that none counts twice."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="taps")
    number = models.PositiveIntegerField()
    key = models.UUIDField()
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    detail = models.JSONField(default=dict, blank=True)
    tapped_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",), quotes=("detail",))
    objects = SessionWordsQuerySet["Tap"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "number"], name="tap_number_once"
            ),
            models.UniqueConstraint(fields=["organisation", "session", "key"], name="tap_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Round(TenantModel):
    """A speaking round that was gone through: who spoke, in their order, and who passed."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="rounds")
    step = models.PositiveSmallIntegerField()
    lap = models.PositiveSmallIntegerField()
    heard = ArrayField(models.UUIDField(), default=list)
    passed = ArrayField(models.UUIDField(), default=list)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    privacy = Privacy(Keep.ORGANISATION)
    objects = SessionWordsQuerySet["Round"].as_manager()

    def __str__(self) -> str:
        return f"{self.step}.{self.lap}"


class Voice(TenantModel):
    """How many turns one partner spoke in one session: for the circle's balance, for no ranking."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="voices")
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    turns = models.PositiveSmallIntegerField(default=0)

    privacy = Privacy(Keep.ORGANISATION, export=("seat__enrolment__member",))
    objects = SessionWordsQuerySet["Voice"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "session", "seat"], name="voice_once")
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


class SmallGroup(TenantModel):
    """Some partners who sat together in a step, remembered so that they meet others next time."""

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="small_groups")
    step = models.PositiveSmallIntegerField()
    seats = ArrayField(models.UUIDField())

    privacy = Privacy(Keep.ORGANISATION)
    objects = SessionWordsQuerySet["SmallGroup"].as_manager()

    def __str__(self) -> str:
        return str(self.step)


class _CardQuerySet(SessionWordsQuerySet["Card"]):
    def visible_to(self, member: Member) -> Self:
        """Only those who sat at the table; the database shows it to nobody else in any case."""
        return super().visible_to(member).filter(readers__contains=[member.pk])


class Card(TenantModel):
    """What one partner wrote in a silent step.

    `readers` are the partners; until the cards are shown together the room gives each person
    their own alone.
    """

    session = TenantForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    step = models.PositiveSmallIntegerField()
    seat = TenantForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(_("your card"), max_length=600)
    readers = ArrayField(models.UUIDField())
    written_at = models.DateTimeField()

    privacy = Privacy(Keep.PERSON, export=("seat__enrolment__member",), erase=("words",))
    objects = _CardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "session", "step", "seat"], name="card_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.seat_id)


def forget_rehearsal(session: Session) -> None:
    """Let nothing stand of a room that was opened for another time, but what people wrote."""
    for model in (Room, Tap, Round, SmallGroup, Voice):
        model._default_manager.filter(session=session).delete()
