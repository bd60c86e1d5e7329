"""Starts processes as one family, and ends all of it, however the one that started it ends.

Each member leads a session and group of its own: Ctrl-C reaches only us, a member asked to end
ends its own workers in its own way, and force reaches those as well. A *guard*, this same file
run as a program, holds a pipe from us: when the pipe closes without a farewell we were killed,
and the guard ends the family. PR_SET_PDEATHSIG would not do: it reaches no grandchild, is lost
when a child changes its user, and fires when a mere thread of ours ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

GRACE_SECONDS = 6.0
GRACE_SECONDS_IF_KILLED = 3.0


@dataclass(frozen=True)
class Member:
    """One process we started, by the name a person knows it by."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: int


class Processes:
    """A family of processes that ends together."""

    def __init__(self, *, held: Sequence[int] = ()) -> None:
        """Start the guard. It keeps the file descriptors `held` open until the family has ended."""
        self._members: list[Member] = []
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(held),
            cwd="/",
        )

    def spawn(
        self,
        name: str,
        command: Sequence[str] | Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: str | Path = "/",
        stop_signal: int = signal.SIGTERM,
        user: tuple[int, int] | None = None,
        output: IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start `command` as a member; `user` is (uid, gid), `output` takes both its streams."""
        process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=[] if user else None,
        )
        self._tell(f"end {process.pid} {int(stop_signal)}")
        self._members.append(Member(name, process, stop_signal))
        return process

    def delete_if_killed(self, folder: Path) -> None:
        """Have the guard remove `folder` after the family, should we be killed."""
        self._tell(f"delete {folder}")

    def ended(self) -> tuple[Member, ...]:
        """The members that have ended by themselves."""
        return tuple(one for one in self._members if one.process.poll() is not None)

    def stop(self, *names: str) -> None:
        """End the members of these names, or all, politely and then by force."""
        leaving = [one for one in self._members if not names or one.name in names]
        for one in leaving:
            one.process.send_signal(one.stop_signal)  # does nothing once it has ended
        deadline = time.monotonic() + GRACE_SECONDS
        for one in leaving:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(max(0.0, deadline - time.monotonic()))
            _kill_group(one.process.pid)  # also what outlived its parent
            one.process.wait()
            self._members.remove(one)
            self._tell(f"ended {one.process.pid}")

    def kill(self, name: str) -> None:
        """End a member as a power cut would, with all that it has started."""
        for one in [one for one in self._members if one.name == name]:
            _kill_group(one.process.pid)
            one.process.wait()
            self._members.remove(one)
            self._tell(f"ended {one.process.pid}")

    def pid(self, name: str) -> int:
        """The process of the member of this name."""
        return next(one.process.pid for one in self._members if one.name == name)

    def close(self) -> None:
        """End every member and bid the guard farewell."""
        self.stop()
        self._tell("farewell")
        with suppress(OSError):
            if self._guard.stdin:
                self._guard.stdin.close()
        self._guard.wait()

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # without its guard the family still ends by stop()
            if self._guard.stdin:
                self._guard.stdin.write(line.encode() + b"\n")
                self._guard.stdin.flush()


def wait_until(true: Callable[[], bool], *, seconds: float, pause: float = 0.02) -> bool:
    """Ask `true` again and again; tell whether it held within `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _guard(lines: IO[str]) -> None:
    """Read what the supervisor says until it falls silent; without a farewell, end its family."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "end":
            group, stop_signal = map(int, rest.split())
            groups[group] = stop_signal
        elif word == "ended":
            groups.pop(int(rest), None)
        elif word == "delete":
            folders.append(rest)
        elif word == "farewell":
            return
    for leader, stop_signal in groups.items():
        with suppress(ProcessLookupError, PermissionError):
            os.kill(leader, stop_signal)
    wait_until(lambda: not any(map(_group_lives, groups)), seconds=GRACE_SECONDS_IF_KILLED)
    for group in groups:
        _kill_group(group)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(sys.stdin)
