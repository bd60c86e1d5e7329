"""Slack, by an incoming webhook.

Source: docs.slack.dev, "Sending messages using incoming webhooks", "Formatting message text" (the
three characters to escape, links), "Block Kit" (a section has 3,000 characters at most).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.notifications.channels.chat import ChatChannel, Post
from core.notifications.markdown import Run

LONGEST_SECTION = 3000
LONGEST_BUTTON = 75


class SlackChannel(ChatChannel):
    name = "slack"

    @classmethod
    def payload(cls, post: Post) -> dict[str, Any]:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": post.button[:LONGEST_BUTTON]},
            "url": post.link,
        }
        return {
            "text": _escaped(post.title),  # what a notification shows
            "blocks": [
                _section(f"*{_escaped(post.title)}*"),
                *(_section(text) for text in _sections(post.lines)),
                {"type": "actions", "elements": [button]},
            ],
        }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _sections(lines: Sequence[Sequence[Run]]) -> list[str]:
    """Return the lines in as few texts as their length allows."""
    texts: list[str] = []
    for line in lines:
        text = "".join(_marked(run) for run in line)[:LONGEST_SECTION]
        if texts and len(texts[-1]) + len(text) < LONGEST_SECTION:
            texts[-1] += f"\n{text}"
        else:
            texts.append(text)
    return texts


def _marked(run: Run) -> str:
    return f"<{run.href}|{_escaped(run.text)}>" if run.href else _escaped(run.text)


def _escaped(text: str) -> str:
    """Return words that mention nobody: `<!channel>` would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
