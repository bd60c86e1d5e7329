"""Microsoft Teams, by the webhook of a workflow ("when a Teams webhook request is received").

Source: learn.microsoft.com, "Create incoming webhooks with Workflows for Microsoft Teams" (a
message of adaptive cards), and the schema of Adaptive Cards 1.2 (RichTextBlock: words as they are,
without Markdown; TextRun with a link as its selectAction).
"""

from __future__ import annotations

from typing import Any

from core.notifications.channels.chat import ChatChannel, Post
from core.notifications.markdown import Run


class TeamsChannel(ChatChannel):
    name = "teams"

    @classmethod
    def payload(cls, post: Post) -> dict[str, Any]:
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.2",
            "body": [
                _block([{"type": "TextRun", "text": post.title, "weight": "bolder"}]),
                *(_block([_run(run) for run in line]) for line in post.lines),
            ],
            "actions": [{"type": "Action.OpenUrl", "title": post.button, "url": post.link}],
        }
        attachment = {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": card,
        }
        return {"type": "message", "attachments": [attachment]}


def _block(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": runs}


def _run(run: Run) -> dict[str, Any]:
    words: dict[str, Any] = {"type": "TextRun", "text": run.text}
    if run.href:
        words["selectAction"] = {"type": "Action.OpenUrl", "url": run.href}
    return words
