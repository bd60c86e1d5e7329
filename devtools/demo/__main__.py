"""`python -m devtools.demo`: what is missing of the demo's data, and a note of how to get in."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import django

django.setup()

from django.urls import get_resolver  # noqa: E402  what follows needs the settings above

from devtools.demo.note import make_demo  # noqa: E402  its models, too


def main() -> None:
    """Make the two demo organisations, unless they are there, and write .data/demo.txt."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", choices=["northwind", "southbank"])
    parser.add_argument("--after", type=Path, help="get ready, and begin when this file is there")
    wanted = parser.parse_args()
    if wanted.after:
        get_resolver().reverse_dict  # noqa: B018  reads the modules of all addresses, for e-mails
        while not wanted.after.exists():
            time.sleep(0.05)
    make_demo(only=wanted.only, say=print)


if __name__ == "__main__":
    main()
