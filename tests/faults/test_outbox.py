"""The outbox while everything breaks, in small; `make faults` runs it in full."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from devtools.embedded import ROOT

SMALL = ["--emails", "240", "--kills", "2", "--crashes", "1", "--away", "2"]


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_doubled_beyond_what_was_in_flight() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.outbox", *SMALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stdout, done.stderr
    line = json.loads(done.stdout.splitlines()[-1])
    assert (line["lost"], line["different"]) == (0, 0), line
    assert line["doubled"] <= line["doubled_at_most"], line
    assert done.returncode == 0, (line, done.stderr)
