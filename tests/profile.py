"""Which cases the random tests try: the same few each time, or many new ones (`make slow`)."""

import hypothesis

# `make test` tries the same cases each time, so that it fails for a change and for nothing else;
# `make slow` tries new ones (--hypothesis-profile=random) and prints their seed.
# How long a case takes to make says how busy the machine is, and nothing about our code.
BUSY = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "same", derandomize=True, database=None, deadline=None, suppress_health_check=BUSY
)
hypothesis.settings.register_profile(
    "random", derandomize=False, print_blob=True, deadline=None, suppress_health_check=BUSY
)


def is_random() -> bool:
    """Say whether this run tries new cases, and may take its time."""
    return hypothesis.settings.get_current_profile_name() == "random"


def cases(few: int) -> hypothesis.settings:
    """So many random cases, the same each time; four times as many new ones in `make slow`."""
    return hypothesis.settings(
        max_examples=4 * few if is_random() else few,
        deadline=None,
        database=None,
    )
