"""What a meeting room says: title, who follows, and the buttons, from how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.models.agenda import HOW_IT_WORKS
from sessions.room.engine.formats import Mode
from sessions.room.engine.state import RoomState, Stage
from sessions.rotation.texts import people as listed

Button = dict[str, object]

# title and what to do, by kind and phase; %(name)s brings the case
PHASES: Mapping[tuple[str, str], tuple[Promise, Promise]] = {
    ("case_clinic", "tell"): (
        gettext_lazy("%(name)s tells the case"),
        gettext_lazy("What happens, what was tried, what is the question? The others only listen."),
    ),
    ("case_clinic", "ask"): (
        gettext_lazy("Ask, do not advise"),
        gettext_lazy("Questions that help to understand. %(name)s answers briefly."),
    ),
    ("case_clinic", "advise"): (
        gettext_lazy("The others think aloud"),
        gettext_lazy("%(name)s turns away, listens and writes. Speak about the case, not to them."),
    ),
    ("case_clinic", "answer"): (
        gettext_lazy("%(name)s turns back"),
        gettext_lazy("What struck you, and what will you try? Nobody defends an idea."),
    ),
    ("case_clinic", "learn"): (
        gettext_lazy("What we take home"),
        gettext_lazy("Each in one sentence: what does this case teach me?"),
    ),
    ("troika", "first"): (
        gettext_lazy("In trios, the first tells"),
        gettext_lazy("One tells what they are stuck with; the others help while they listen."),
    ),
    ("troika", "second"): (
        gettext_lazy("In trios, the second tells"),
        gettext_lazy("Change places: somebody else tells, the others help."),
    ),
    ("troika", "third"): (
        gettext_lazy("In trios, the third tells"),
        gettext_lazy("Last change: who has not told yet does now."),
    ),
    ("pairs", "first"): (
        gettext_lazy("In pairs, one speaks"),
        gettext_lazy("The other only listens."),
    ),
    ("pairs", "second"): (
        gettext_lazy("In pairs, change over"),
        gettext_lazy("Who has listened speaks now."),
    ),
    ("fishbowl", "inside"): (
        gettext_lazy("The middle talks"),
        gettext_lazy("One chair stays empty: take it when you want to speak, and somebody leaves."),
    ),
    ("fishbowl", "outside"): (
        gettext_lazy("The others answer"),
        gettext_lazy("What did you hear from outside? The middle listens."),
    ),
    ("fishbowl", "together"): (
        gettext_lazy("All together"),
        gettext_lazy("One circle again: what do we keep?"),
    ),
}


def room_texts(
    room: RoomState, names: Mapping[str, str], *, number: int, starts_at: datetime
) -> dict[str, object]:
    """Return all that a phone shows, as plain values; `names` by seat, the session's number."""
    return _RoomTexts(room, names, number, starts_at).values()


class _RoomTexts:
    def __init__(
        self, room: RoomState, names: Mapping[str, str], number: int, starts_at: datetime
    ) -> None:
        self.room, self.names, self.number, self.starts_at = room, names, number, starts_at
        # "not yet" is said once half of the table has been heard: before, it is nobody's fault
        few = len(room.unheard) * 2 <= len(room.here)
        self.quiet = room.unheard if few else []

    def values(self) -> dict[str, object]:
        room = self.room
        title, then = self._title(), self._then()
        return {
            "beat": room.beat,
            "stage": room.stage,
            "mode": room.format.mode,
            "kind": room.current_step.kind,
            "step": room.step,
            "steps": [step.title for step in room.steps],
            "line": self._line(),
            "title": title,
            "starts": self.starts_at.timestamp(),
            "then": then,
            "said": f"{title}. {then}".strip(),
            "notice": self._notice(),
            "how": str(HOW_IT_WORKS.get(room.current_step.kind, "")),
            "clock": {
                "began": room.began_at,
                "seconds": room.seconds,
                "paused": room.paused_at,
            },
            "people": [self._person(seat) for seat in room.people],
            "speaker": room.speaker,
            "follows": room.follows,
            "waiting": room.order[room.turn + 1 :] if room.speaker else [],
            "host": room.host,
            "host_name": self.names.get(room.host, ""),
            "watcher": room.watcher,
            "watcher_name": self.names.get(room.watcher, ""),
            "here": self._here(),
            "unheard": self._unheard(),
            "groups": list(self._groups()),
            "acts": list(self._buttons()),
            "choices": list(self._choices()),
            "words": f"{room.step}.{room.words}",
            "written": self._written(),
        }

    def _person(self, seat: str) -> dict[str, object]:
        room = self.room
        running = room.stage == Stage.RUNNING
        return {
            "id": seat,
            "name": self.names.get(seat, ""),
            "turns": room.counts.get(seat, 0),
            "here": seat in room.here,
            "passed": seat in room.passed and seat not in room.heard,
            "unheard": running and seat in self.quiet,
        }

    def _line(self) -> str:
        room = self.room
        if room.stage != Stage.RUNNING:
            return _("Session %(n)d") % {"n": self.number}
        return _("Session %(n)d · Step %(step)d of %(of)d · %(title)s") % {
            "n": self.number,
            "step": room.step + 1,
            "of": len(room.steps),
            "title": room.current_step.title,
        }

    def _title(self) -> str:
        room = self.room
        if room.stage == Stage.WAITING:
            return _("Before we begin")
        if room.stage == Stage.ENDED:
            return _("Thank you, all")
        if room.speaker:
            return _("%(name)s speaks") % {"name": self.names[room.speaker]}
        if room.format.mode == Mode.ROUND:
            return _("Everybody was asked")
        if room.format.mode == Mode.WRITE:
            return _("Read what was written") if room.revealed else _("Write in silence")
        if room.format.brings and not room.brings:
            return _("Who brings a case?")
        if room.format.phases:
            return str(self._phase()[0]) % {"name": self._brings()}
        return room.current_step.title

    def _then(self) -> str:
        room = self.room
        if room.stage == Stage.WAITING:
            return _("Tap below who is here without a phone.")
        if room.stage == Stage.ENDED:
            return _("Write down who was here and one line each: it takes a minute.")
        if room.speaker:
            return self._follows()
        if room.format.mode == Mode.ROUND:
            left = [self.names[seat] for seat in room.passed if seat not in room.heard]
            if left:
                return _("Passed: %(names)s.") % {"names": listed(left)}
            return _("Another round, or on to the next step?")
        if room.format.mode == Mode.WRITE:
            return _("Talk about it now.") if room.revealed else self._written()
        if room.format.brings and not room.brings:
            return _("Tap the name of who brings one.")
        if room.format.phases:
            return str(self._phase()[1]) % {"name": self._brings()}
        return self._unheard()

    def _follows(self) -> str:
        room = self.room
        if not room.follows:
            return _("Then the round is through.")
        words = {"name": self.names[room.follows]}
        if room.follows in room.passed:
            return _("Then %(name)s, who has passed, is asked again") % words
        if room.follows in self.quiet:
            return _("Then %(name)s, who has not spoken yet") % words
        return _("Then %(name)s") % words

    def _phase(self) -> tuple[Promise, Promise]:
        room = self.room
        return PHASES[room.current_step.kind, room.format.phases[room.phase][0]]

    def _brings(self) -> str:
        return self.names.get(self.room.brings, "")

    def _written(self) -> str:
        room = self.room
        if room.stage != Stage.RUNNING or room.format.mode != Mode.WRITE:
            return ""
        return _("%(n)d of %(of)d have written") % self._cards()

    def _cards(self) -> dict[str, int]:
        room = self.room
        return {"n": len(room.written), "of": len({*room.here, *room.written})}

    def _notice(self) -> str:
        if not self.room.notice:
            return ""
        code, new, old = self.room.notice
        words = {"new": self.names.get(new, ""), "old": self.names.get(old, "")}
        if code == "took_over" and old != new:
            return _("%(new)s now runs the meeting instead of %(old)s.") % words
        if code == "took_over":
            return _("%(new)s runs the meeting.") % words
        if code == "rehearsed":
            return _("That was before the session, so the room starts fresh.")
        return _("%(new)s now runs the meeting; %(old)s has handed it over.") % words

    def _here(self) -> str:
        here = len(self.room.here)
        return _("%(n)d of %(of)d here") % {"n": here, "of": len(self.room.people)}

    def _unheard(self) -> str:
        room = self.room
        if room.stage != Stage.RUNNING or not self.quiet:
            return ""
        names = [self.names[seat] for seat in self.quiet]
        return _("Not yet heard: %(names)s.") % {"names": listed(names)}

    def _groups(self) -> Iterator[dict[str, object]]:
        """Yield the small groups, each with whose part it is, or the two rings of a fishbowl."""
        room = self.room
        if room.stage != Stage.RUNNING:
            return
        for place, group in enumerate(room.groups):
            names = [self.names[seat] for seat in group]
            if room.current_step.kind == "fishbowl":
                label, turn = _("In the middle") if place == 0 else _("Around"), -1
            elif room.phase < len(names):
                label, turn = _("Group %(n)d") % {"n": place + 1}, room.phase
            else:  # a pair beside trios is through before them
                label, turn = _("Group %(n)d, both together") % {"n": place + 1}, -1
            yield {"label": label, "names": names, "seats": group, "turn": turn}

    def _choices(self) -> Iterator[Button]:
        room = self.room
        if room.stage == Stage.RUNNING and room.format.brings and not room.brings:
            for seat in room.people:
                if seat in room.here:
                    yield {"kind": "brings", "seat": seat, "label": self.names[seat]}

    def _buttons(self) -> Iterator[Button]:
        """Yield the buttons, the main one second, then the quiet ones."""
        room = self.room
        if room.stage == Stage.WAITING:
            label = _("Begin: %(title)s") % {"title": _short(room.steps[0].title)}
            yield _button("start", label, style="primary")
            return
        if room.stage == Stage.ENDED:
            return
        if room.speaker:
            yield _button("pass", _("Pass"))
            follows = self.names.get(room.follows, "")
            label = _("Next: %(name)s") % {"name": follows} if follows else _("Close the round")
            yield _button("next", label, style="primary")
        else:
            yield from self._second_button()
            yield self._on()
        yield _button("minute", _("Add a minute"), style="plain")
        if room.paused_at:
            yield _button("resume", _("Go on"), style="plain")
        else:
            yield _button("pause", _("Pause"), style="plain")
        if room.step or room.turn or room.phase:
            yield _button("back", _("Back"), style="plain")
        if room.speaker or room.phase + 1 < room.phases:
            yield from self._skip()

    def _second_button(self) -> Iterator[Button]:
        room = self.room
        if room.format.mode == Mode.ROUND:
            label = _("Second round") if room.lap == 1 else _("Another round")
            yield _button("lap", label)
        elif room.format.mode == Mode.GROUPS:
            yield _button("draw", _("Draw again"))

    def _on(self) -> Button:
        """The one step forward from where no round runs."""
        room = self.room
        if room.format.mode == Mode.WRITE and not room.revealed:
            return _button("reveal", self._reveal(), style="primary")
        if room.phase + 1 < room.phases:
            key = room.format.phases[room.phase + 1][0]
            title = str(PHASES[room.current_step.kind, key][0]) % {"name": self._brings()}
            return _button("next", _("Next: %(name)s") % {"name": title}, style="primary")
        if room.step + 1 < len(room.steps):
            title = _short(room.steps[room.step + 1].title)
            return _button("next", _("Next: %(name)s") % {"name": title}, style="primary")
        return _button("end", _("End the session"), style="primary")

    def _reveal(self) -> str:
        """Say how many cards would be shown while others are still being written."""
        cards = self._cards()
        if cards["n"] < cards["of"]:
            return _("Show %(n)d of %(of)d cards") % cards
        return _("Show the cards")

    def _skip(self) -> Iterator[Button]:
        room = self.room
        if room.step + 1 < len(room.steps):
            yield _button("step", _("Skip the rest"), style="plain", to=room.step + 1)
        else:
            yield _button("end", _("End the session"), style="plain")


def _short(title: str) -> str:
    """Return what a button says of a step: its title up to the colon."""
    return title.split(":")[0].strip() or title


def _button(kind: str, label: str, *, style: str = "", **more: object) -> Button:
    return {"kind": kind, "label": label, "style": style, **more}
