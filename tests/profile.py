"""Which cases the random tests try: the same few each time, or many new ones (`make slow`)."""

import hypothesis

# `make test` tries the same cases each time, so that it fails for a change and for nothing else;
# `make slow` tries new ones (--hypothesis-profile=random) and prints their seed.
hypothesis.settings.register_profile("same", derandomize=True, database=None)
hypothesis.settings.register_profile("random", derandomize=False, print_blob=True)


def is_random() -> bool:
    """Say whether this run tries new cases, and may take its time."""
    return hypothesis.settings.get_current_profile_name() == "random"
