"""A worker of jobs has every compiled loop before it takes the first job."""

import os
import re
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from celery import signals

from mentoring import compiling
from pairing.engine.compiled import blossoms, covering, exchanges, moves, passes
from sessions.rotation.engine import anneal, mend

# by its module, or by a name that was imported
CALL = r"\b{module}\.{name}\(|from \S+\.{module} import [^\n]*\b{name}\b"


@pytest.mark.parametrize(("queues", "times"), [({"jobs"}, 1), ({"jobs", "emails"}, 0)])
def test_only_a_worker_of_jobs_alone_compiles_at_its_start(queues, times):
    worker = SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))
    with mock.patch.object(compiling, "compile_engines") as compiled:
        signals.celeryd_after_setup.send(sender="jobs@here", instance=worker, conf={})
    assert compiled.call_count == times


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is to be compiled")
def test_no_loop_is_left_to_be_compiled_by_a_run():
    compiling.compile_engines()
    # what is called by other loops alone is part of those, and where these come from the cache it
    # is not there by itself; callers name the module
    folders = (Path("pairing/engine"), Path("pairing/engine/circles"), Path("pairing/engine/peers"))
    callers = [path for folder in folders for path in folder.glob("*.py")]
    code = "".join(path.read_text() for path in (*callers, Path(mend.__file__)))
    waiting = [
        f"{module.__name__}.{name}"
        for module in (passes, moves, blossoms, exchanges, covering, anneal)
        for name, loop in vars(module).items()
        if hasattr(loop, "signatures") and loop.__module__ == module.__name__
        if not loop.signatures
        if re.search(CALL.format(module=module.__name__.rpartition(".")[2], name=name), code)
    ]
    assert waiting == []
