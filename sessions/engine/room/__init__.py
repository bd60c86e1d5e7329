"""The meeting room as plain Python: what a step asks for, whose turn it is, who sits together."""

from sessions.engine.room.formats import FORMATS, Format, Mode, Step, format_of
from sessions.engine.room.groups import draw_groups, group_sizes
from sessions.engine.room.room import Lap, Room, Sat, Stage
from sessions.engine.room.taps import MOVES, TAPS, Draw, Over, may, play

__all__ = [
    "FORMATS",
    "MOVES",
    "TAPS",
    "Draw",
    "Format",
    "Lap",
    "Mode",
    "Over",
    "Room",
    "Sat",
    "Stage",
    "Step",
    "draw_groups",
    "format_of",
    "group_sizes",
    "may",
    "play",
]
