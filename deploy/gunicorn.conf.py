"""How gunicorn serves Roundtable in production."""

import os
from pathlib import Path

from prometheus_client import multiprocess

FIGURES = os.environ.get("PROMETHEUS_MULTIPROC_DIR")

wsgi_app = "mentoring.wsgi"
bind = os.environ.get("WEB_ADDRESS", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_PROCESSES", "3"))
threads = 4
preload_app = True
limit_request_line = 8190  # longer than what core/members/edge.py refuses in its own words
keepalive = 75  # longer than a proxy keeps them, so that it never sends into a closed one
graceful_timeout = 25
timeout = 60
worker_tmp_dir = "/dev/shm"  # a heartbeat must not wait for a disk
control_socket_disable = True

if FIGURES:  # those of processes that are no more would be added to today's
    for entry in Path(FIGURES).glob("*.db"):
        entry.unlink()


def child_exit(_server, worker):
    if FIGURES:
        multiprocess.mark_process_dead(worker.pid)
