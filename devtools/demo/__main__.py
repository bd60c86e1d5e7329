"""`python -m devtools.demo`: what is missing of the demo's data, and a note of how to get in."""

from __future__ import annotations

import argparse

import django

django.setup()

from devtools.demo.note import make_demo  # noqa: E402  its models need the settings above


def main() -> None:
    """Make the two demo organisations, unless they are there, and write .data/demo.txt."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", choices=["northwind", "southbank"])
    make_demo(only=parser.parse_args().only, say=print)


if __name__ == "__main__":
    main()
