"""The worker that does jobs compiles the engines' loops before it takes any: docs/adr/0043.

Its processes are forked afterwards and have the loops from the start, so that nobody's run waits
for a compiler. What is compiled is kept on disk (COMPILED_DIR) for the next start.
"""

import logging
import time
from random import Random
from typing import Any

from celery import signals
from django.conf import settings

from mentoring import machine_code
from pairing.engine.circles.form import form_circles
from pairing.engine.circles.shapes import CirclesProblem
from pairing.engine.explain import own_choices
from pairing.engine.matching import match
from pairing.engine.peers.pair import pair_peers
from pairing.engine.peers.shapes import PeersProblem
from pairing.engine.shapes import Criterion, Kind, People, Problem
from sessions.rotation.engine.plan import plan_season
from sessions.rotation.engine.shapes import Partner, Role, SeasonInput

log = logging.getLogger(__name__)

JOBS = "jobs"
PEOPLE = 400  # a side: more than a table of pairs holds
SKILLS = tuple(f"skill{k}" for k in range(40))
IN_CIRCLES = 24  # more than all divisions can be tried of


@signals.celeryd_after_setup.connect
def compile_ahead(instance: Any, **_signal: Any) -> None:
    """Compile where jobs are all that a worker does: others need no engine, and start at once."""
    if set(instance.app.amqp.queues) == {JOBS}:
        started = time.monotonic()
        compile_engines()
        if settings.MACHINE_CODE:
            machine_code.remove_older(settings.MACHINE_CODE)
        log.info("engines compiled in %.1f s", time.monotonic() - started)


def compile_engines() -> None:
    """Run each engine once on something made up that needs all of its compiled loops."""
    _match()
    _form_circles()
    _pair_peers()
    _plan()


def _match() -> None:
    chance = Random(1)

    def people(kind: str) -> People:
        names = tuple(f"{kind}{i}" for i in range(PEOPLE))
        skills = tuple(frozenset(chance.sample(SKILLS, 3)) for _name in names)
        levels = tuple(chance.randint(1, 9) for _name in names)
        return People(names, {"skills": skills, "level": levels})

    criteria = (
        Criterion("skills", Kind.OVERLAP, "skills", "skills", 5),
        Criterion("level", Kind.GAP, "level", "level", 3),
    )
    problem = Problem(people("seeker"), people("offerer"), criteria)
    own_choices(problem, match(problem))


def _form_circles() -> None:
    names = tuple(f"peer{i}" for i in range(IN_CIRCLES))
    skills = tuple({f"skill{i % 5}", f"skill{i * i % 7}"} for i in range(IN_CIRCLES))
    people = People(names, {"skills": skills})
    # two who have to sit together are put where the plan says, by a loop of its own
    form_circles(CirclesProblem(people, ("skills",), together=frozenset({(0, 1)})), sizes=6)


def _pair_peers() -> None:
    names = tuple(f"peer{i}" for i in range(IN_CIRCLES))
    skills = tuple({f"skill{i // 3}"} for i in range(IN_CIRCLES))  # threes: odd sets have prices
    alike = Criterion("skills", Kind.OVERLAP, "skills", "skills", 1)
    pair_peers(PeersProblem(People(names, {"skills": skills}), (alike,)))


def _plan() -> None:
    members = tuple(Partner(f"member{i}", f"Member {i}") for i in range(6))
    roles = tuple(Role(f"role{k}", k, leads=not k) for k in range(3))
    meetings = tuple(f"meeting{t}" for t in range(12))
    absences = frozenset((f"member{t % 6}", meetings[t]) for t in range(12))
    plan_season(SeasonInput(members, meetings, roles, absences, seed=1))
