"""The lessons that we bring can be read in six minutes, teach something, and say what is true."""

from __future__ import annotations

import math
import re

import pytest

from programs.training.catalog import FOLDER, KEYS, lessons_of_ours, sponsor_guide
from programs.training.markdown import as_html

FILES = "/o/acme/learn/files/{id}/"
WORDS_A_MINUTE = 200  # of somebody who reads in their second language


def words(text: str) -> int:
    return len(re.findall(r"\w+", text))


def test_each_file_is_a_lesson_and_each_lesson_a_file():
    files = {path.stem for path in FOLDER.glob("*.md")} - {"for-sponsors"}
    assert set(KEYS) == files
    assert len(KEYS) == len(set(KEYS)) == 13
    assert list(lessons_of_ours()) == list(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_lesson_is_short_has_a_practice_and_a_check_that_explains(key: str):
    lesson = lessons_of_ours()[key]
    length = words(lesson.body) + words(lesson.practice)
    assert 500 <= length <= 900
    assert math.ceil(length / WORDS_A_MINUTE) <= lesson.minutes <= 6
    assert words(lesson.practice) >= 30
    assert 2 <= len(lesson.checks) <= 3
    assert lesson.tags
    assert len(lesson.title) <= 60
    for check in lesson.checks:
        assert len(check.options) >= 3
        assert 0 <= check.right < len(check.options)
        assert len(set(check.options)) == len(check.options)
        assert words(check.why) >= 15
    assert len({check.right for check in lesson.checks}) > 1 or len(lesson.checks) == 2


@pytest.mark.parametrize("key", KEYS)
def test_a_lesson_reads_easily(key: str):
    """Sentences of second-language readers: on average short, and no monster among them."""
    lesson = lessons_of_ours()[key]
    text = re.sub(r"[#*>|`_-]", " ", f"{lesson.body}\n{lesson.practice}")
    sentences = [words(part) for part in re.split(r"[.!?:\n]+", text) if words(part) > 2]
    assert sum(sentences) / len(sentences) <= 12
    assert max(sentences) <= 42


def test_the_guide_for_sponsors_is_one_page():
    assert 400 <= words(sponsor_guide()) <= 650


def test_markdown_becomes_html_that_can_do_no_harm():
    text = (
        "# Top\n\n<script>alert(1)</script>\n\n![seen](files/00000000-0000-0000-0000-000000000001)"
        "\n\n![spy](https://spy.example/a.png)\n\n[video](https://video.example/1)"
        "\n\n[bad](javascript:alert(1))\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    )
    html = as_html(text, files=FILES)
    assert "<h2>Top</h2>" in html
    assert "<h1" not in html
    assert "<script" not in html
    assert (
        '<img src="/o/acme/learn/files/00000000-0000-0000-0000-000000000001/" alt="seen">' in html
    )
    assert "spy.example" not in html
    assert '<a href="https://video.example/1" rel="noopener noreferrer">video</a>' in html
    assert 'href="javascript' not in html
    assert "<td>1</td>" in html


def test_headings_lie_below_those_of_the_page():
    assert "<h2>Two</h2>" in as_html("## Two", files=FILES)
    assert "<h3>Two</h3>" in as_html("## Two", files=FILES, lowest=True)
