"""What a tap changes in a room, and what it leaves alone.

The room counts its moves in `beat`.  A tap that moves the room names the beat it was made on,
so that two phones that tap "next" at once move it once, and a tap kept by a phone that was away
does nothing any more if the others have gone on.  Counts are added up whenever they arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sessions.room.engine.formats import Mode
from sessions.room.engine.state import GroupsRecord, RoomState, RoundRecord, Stage

A_MINUTE = 60
INSIDE_A_BOWL = 3  # people in the middle of a fishbowl; one chair more stays empty

Draw = Callable[[Sequence[str], int], Sequence[Sequence[str]]]
StepRecord = RoundRecord | GroupsRecord
TapValues = Mapping[str, object]  # its kind, and what that kind needs


def play(
    room: RoomState, tap: TapValues, *, who: str, at: float, draw: Draw
) -> tuple[bool, list[StepRecord]]:
    """Let one tap happen; return whether it changed anything, and the rounds
    and groups that it closed.

    `tap` has a `kind` and what that kind needs.  Nothing happens for a tap that comes too late
    or that this person may not make: the caller tells the two apart by `may`.
    """
    kind = str(tap.get("kind", ""))
    if kind not in _TAPS or not may(room, tap, who=who):
        return False, []
    if kind in MOVES and (tap.get("beat") != room.beat or room.stage == Stage.ENDED):
        return False, []
    closed: list[StepRecord] = []
    changed = _TAPS[kind](_RoomTap(room, tap, who, at, draw, closed))
    if changed and kind in MOVES:
        room.beat += 1
        if not room.host and kind not in {"pass", "host"}:
            room.host = who
    return changed, closed


def may(room: RoomState, tap: TapValues, *, who: str) -> bool:
    """Say whether this person may tap that at all, in time or not."""
    kind = tap.get("kind")
    if who not in room.people:
        return False
    if kind in {"next", "pass"} and who == room.speaker:
        return True
    if kind == "heard":
        return room.may_count(who)
    if kind == "here":
        return who == tap.get("seat") or room.may_move(who)
    if kind in {"join", "wrote", "refresh"}:
        return True
    if kind == "host":  # handing over is the host's; taking over is anybody's
        return room.may_move(who) or tap.get("seat") == who
    return room.may_move(who)


@dataclass
class _RoomTap:
    """One tap being made: the room it changes, and what it closes."""

    room: RoomState
    values: TapValues
    who: str
    at: float
    draw: Draw
    closed: list[StepRecord]

    @property
    def seat(self) -> str:
        """The seat the tap names, if somebody sits there."""
        seat = self.values.get("seat")
        return seat if isinstance(seat, str) and seat in self.room.people else ""


def _start(tap: _RoomTap) -> bool:
    if tap.room.stage != Stage.WAITING:
        return False
    _arrive(tap.room, tap.who)
    tap.room.stage = Stage.RUNNING
    _enter(tap, 0)
    return True


def _next(tap: _RoomTap) -> bool:
    """The next speaker, the next phase, or the next step, whichever comes first."""
    room = tap.room
    if room.stage != Stage.RUNNING:
        return False
    if room.format.mode == Mode.ROUND and not room.lap_is_over:
        _count(room, room.speaker, 1)
        room.heard.append(room.speaker)
        _go_on(tap)
        return True
    if room.phase + 1 < room.phases:
        room.phase += 1
        _phase_clock(tap)
        return True
    return _go_to(tap, room.step + 1)


def _pass(tap: _RoomTap) -> bool:
    """Who passes is asked once more at the end of the lap; a second pass holds."""
    room = tap.room
    if not room.speaker:
        return False
    if room.speaker not in room.passed:
        room.passed.append(room.speaker)
        room.order.append(room.speaker)
    _go_on(tap)
    return True


def _go_on(tap: _RoomTap) -> None:
    tap.room.turn += 1
    if tap.room.lap_is_over:
        _close_lap(tap)
    _clock(tap, tap.room.current_step.turn_seconds(len(tap.room.here)))


def _back(tap: _RoomTap) -> bool:
    """One speaker, one phase or one step back; a turn that was counted is taken back with it."""
    room = tap.room
    if room.stage != Stage.RUNNING:
        return False
    if room.format.mode == Mode.ROUND and 0 < room.turn < len(room.order):
        _take_turn_back(room)
        _clock(tap, room.current_step.turn_seconds(len(room.here)))
        return True
    if room.phase:
        room.phase -= 1
        _phase_clock(tap)
        return True
    return bool(room.step) and _go_to(tap, room.step - 1)


def _take_turn_back(room: RoomState) -> None:
    """Let who was asked last be asked again, as if they had neither spoken nor passed."""
    room.turn -= 1
    before = room.order[room.turn]
    if before in room.heard:
        room.heard.remove(before)
        _count(room, before, -1)
    elif before not in room.order[: room.turn]:  # a second pass has given no further chance
        room.passed.remove(before)
        _drop(room, before)


def _drop(room: RoomState, seat: str) -> None:
    """Wait no longer for this person in the round; whoever was asked before stays in its order."""
    to_come = room.turn + 1
    room.order[to_come:] = [other for other in room.order[to_come:] if other != seat]


def _lap(tap: _RoomTap) -> bool:
    """A second round, and a third: who has spoken least begins."""
    if tap.room.stage != Stage.RUNNING or not tap.room.lap_is_over:
        return False
    _begin_lap(tap, tap.room.lap + 1)
    return True


def _step(tap: _RoomTap) -> bool:
    to = tap.values.get("to")
    return tap.room.stage == Stage.RUNNING and isinstance(to, int) and _go_to(tap, to)


def _go_to(tap: _RoomTap, to: int) -> bool:
    if not 0 <= to < len(tap.room.steps) or to == tap.room.step:
        return False
    _close(tap)
    _enter(tap, to)
    return True


def _enter(tap: _RoomTap, to: int) -> None:
    room = tap.room
    room.step, room.phase, room.brings, room.revealed = to, 0, "", False
    room.order, room.turn, room.lap = [], 0, 0
    room.passed, room.heard, room.groups, room.written = [], [], [], []
    room.notice = []
    room.words += 1
    if room.format.mode == Mode.ROUND:
        _begin_lap(tap, 1)
        return
    if room.format.mode == Mode.GROUPS:
        _seat_groups(tap)
    elif room.current_step.kind == "fishbowl":
        quiet = sorted(_present(room), key=lambda seat: room.counts.get(seat, 0))
        inside = quiet[:INSIDE_A_BOWL]
        room.groups = [inside, [seat for seat in _present(room) if seat not in inside]]
    _phase_clock(tap)


def _begin_lap(tap: _RoomTap, lap: int) -> None:
    """The first lap goes around the table from the host's left; later ones begin with the least
    heard."""
    room = tap.room
    order = _present(room)
    if lap == 1 and room.host in order:
        place = order.index(room.host) + 1
        order = order[place:] + order[:place]
    elif lap > 1:
        order.sort(key=lambda seat: room.counts.get(seat, 0))
    room.order, room.turn, room.lap, room.lap_at = order, 0, lap, tap.at
    room.passed, room.heard = [], []
    _clock(tap, room.current_step.turn_seconds(len(order)))


def _close(tap: _RoomTap) -> None:
    """Hand out what the step that is left came to."""
    room = tap.room
    _close_lap(tap)
    if room.format.mode == Mode.GROUPS and room.groups:
        tap.closed.append(GroupsRecord(room.step, tuple(map(tuple, room.groups))))


def _close_lap(tap: _RoomTap) -> None:
    """Hand out the lap that ends here, once, if anybody spoke or passed in it."""
    room = tap.room
    if room.lap_at and (room.heard or room.passed):
        silent = [seat for seat in room.passed if seat not in room.heard]
        tap.closed.append(
            RoundRecord(room.step, room.lap, room.lap_at, tuple(room.heard), tuple(silent))
        )
    room.lap_at = 0


def _present(room: RoomState) -> list[str]:
    return [seat for seat in room.people if seat in room.here]


def _seat_groups(tap: _RoomTap) -> None:
    drawn = tap.draw(_present(tap.room), tap.room.format.group_size)
    tap.room.groups = [list(group) for group in drawn]


def _draw_again(tap: _RoomTap) -> bool:
    if tap.room.stage != Stage.RUNNING or tap.room.format.mode != Mode.GROUPS:
        return False
    _seat_groups(tap)
    tap.room.phase = min(tap.room.phase, max(tap.room.phases, 1) - 1)
    return True


def _minute(tap: _RoomTap) -> bool:
    if tap.room.stage != Stage.RUNNING:
        return False
    tap.room.seconds += A_MINUTE
    return True


def _pause(tap: _RoomTap) -> bool:
    if tap.room.stage != Stage.RUNNING or tap.room.paused_at:
        return False
    tap.room.paused_at = tap.at
    return True


def _resume(tap: _RoomTap) -> bool:
    room = tap.room
    if not room.paused_at:
        return False
    room.began_at += tap.at - room.paused_at
    room.paused_at = 0
    return True


def _heard(tap: _RoomTap) -> bool:
    """One turn more, or with `by` −1 one less, for a person."""
    by = -1 if tap.values.get("by") == -1 else 1
    if not tap.seat or tap.room.stage != Stage.RUNNING:
        return False
    if by > 0:
        _arrive(tap.room, tap.seat)  # who speaks is here, whether or not their phone is
    return _count(tap.room, tap.seat, by)


def _count(room: RoomState, seat: str, by: int) -> bool:
    before = room.counts.get(seat, 0)
    room.counts[seat] = max(0, before + by)
    return room.counts[seat] != before


def _here(tap: _RoomTap) -> bool:
    room, seat, here = tap.room, tap.seat, bool(tap.values.get("here", True))
    if not seat or (seat in room.here) == here or room.stage == Stage.ENDED:
        return False
    if here:
        _arrive(room, seat)
        return True
    room.here.remove(seat)
    if seat == room.speaker:
        # nobody is waited for; a "next" that was tapped meanwhile must not pass over who follows
        room.order.pop(room.turn)
        room.turn -= 1
        room.beat += 1
        _go_on(tap)
    else:
        _drop(room, seat)
    return True


def _arrive(room: RoomState, seat: str) -> None:
    """Let somebody be here; in a round who comes late speaks last, unless they have had it."""
    if seat in room.here:
        return
    room.here.append(seat)
    in_lap = room.format.mode == Mode.ROUND and room.stage == Stage.RUNNING
    asked_twice = room.order[: room.turn].count(seat) > 1
    is_asked = seat in room.order[room.turn :]  # "back" has gone back to somebody who was away
    settled = seat in room.heard or asked_twice or is_asked
    if in_lap and not room.lap_is_over and not settled:
        room.order.append(seat)


def _join(tap: _RoomTap) -> bool:
    return _here(replace(tap, values={"seat": tap.who, "here": True}))


def _host(tap: _RoomTap) -> bool:
    """Hand the room over, or take it over; all are told who has it now."""
    room = tap.room
    if not tap.seat or tap.seat == room.host:
        return False
    taken = tap.who == tap.seat
    room.notice = ["took_over" if taken else "handed_over", tap.seat, room.host or tap.who]
    room.host = tap.seat
    _arrive(room, tap.seat)
    return True


def _brings(tap: _RoomTap) -> bool:
    if not tap.seat or not tap.room.format.brings:
        return False
    tap.room.brings = tap.seat
    return True


def _wrote(tap: _RoomTap) -> bool:
    room = tap.room
    if room.format.mode != Mode.WRITE or room.stage != Stage.RUNNING:
        return False
    if tap.who not in room.written:
        room.written.append(tap.who)
    room.words += room.revealed
    return True


def _reveal(tap: _RoomTap) -> bool:
    room = tap.room
    if room.format.mode != Mode.WRITE or room.revealed or room.stage != Stage.RUNNING:
        return False
    room.revealed = True
    room.words += 1
    _clock(tap, room.current_step.turn_seconds(1))
    return True


def _refresh(tap: _RoomTap) -> bool:
    tap.room.words += 1
    return True


def _end(tap: _RoomTap) -> bool:
    if tap.room.stage != Stage.RUNNING:
        return False
    _close(tap)
    tap.room.stage, tap.room.paused_at, tap.room.notice = Stage.ENDED, 0, []
    tap.room.words += 1
    return True


def _phase_clock(tap: _RoomTap) -> None:
    room = tap.room
    _clock(tap, room.current_step.phase_seconds(room.phase, room.phases))


def _clock(tap: _RoomTap, seconds: int) -> None:
    tap.room.began_at, tap.room.seconds, tap.room.paused_at = tap.at, seconds, 0


_TAPS: Mapping[str, Callable[[_RoomTap], bool]] = {
    "start": _start,
    "next": _next,
    "pass": _pass,
    "back": _back,
    "lap": _lap,
    "step": _step,
    "reveal": _reveal,
    "end": _end,
    "draw": _draw_again,
    "minute": _minute,
    "pause": _pause,
    "resume": _resume,
    "heard": _heard,
    "here": _here,
    "join": _join,
    "host": _host,
    "brings": _brings,
    "wrote": _wrote,
    "refresh": _refresh,
}
TAPS = frozenset(_TAPS)
# what moves the room, and so is made once for each beat
MOVES = frozenset({"start", "next", "pass", "back", "lap", "step", "reveal", "end", "draw"})
