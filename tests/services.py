"""pytest plugin (`-p tests.services`): PostgreSQL and Valkey before Django's settings load.

The first process of a run starts them; pytest-xdist's workers inherit the environment and find
them there. They end with the run, and with their data also when the run is killed.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from devtools.embedded import CannotStart, Embedded

SETTINGS = {
    # Said here and not only to pytest: importing our package names the ordinary settings.
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "DEBUG": "no",
    "SECRET_KEY": "tests-only-" + "k" * 50,
    "DB_POOL": "0",
    "HASHED_STATIC": "no",  # no test waits for collectstatic
    "TIME_TRAVEL": "yes",  # clock.at
    # Playwright's synchronous API keeps an event loop running in the thread of the test.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}


@pytest.hookimpl(wrapper=True)  # a wrapper runs before pytest-django's own hook loads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Set the environment of the run, and start what it needs and does not name."""
    os.environ.update(SETTINGS)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start_servers(early_config)
    return (yield)


def _start_servers(early_config: pytest.Config) -> None:
    servers = Embedded(f"test-{os.getpid()}", durable=False)
    try:
        os.environ.update(servers.start())
    except CannotStart as reason:
        raise pytest.UsageError(str(reason)) from reason
    early_config.add_cleanup(lambda: servers.stop(delete=True))
