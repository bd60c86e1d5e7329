"""The life of a program, row by row of its life cycles: one act, a minute later, and who knows.

A test does what a person would do, lets a minute pass (`World.minute`) and looks at the rows, at
the pages of the others and at the mail that has arrived at a mail server.  What belongs to a later
issue is a strict expected failure that names it.
"""

import pytest

pytest.register_assert_rewrite("tests.journeys.lifecycle.world")
