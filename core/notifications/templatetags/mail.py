"""Tags of e-mails: a passage that an edited text may place as one variable, and kinds in words."""

from __future__ import annotations

from django import template
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from core.notifications.kinds import KINDS
from core.notifications.markdown import as_html
from core.notifications.texts import PASSAGES

register = template.Library()


@register.tag
def part(parser: Parser, token: Token) -> Node:
    """Name a passage, such as a list of dates: `{% part "dates" %}…{% endpart %}`.

    Who edits the text finds it as `{{ dates }}`, and what stands in it is still written here.
    """
    _tag, name = token.split_contents()
    nodes = parser.parse(("endpart",))
    parser.delete_first_token()
    return _Part(name.strip('"'), nodes)


class _Part(Node):
    def __init__(self, name: str, nodes: NodeList) -> None:
        self._name = name
        self._nodes = nodes

    def render(self, context: Context) -> str:
        passages = context.get(PASSAGES)
        if passages is None:
            return "{{ " + self._name + " }}"
        text = str(self._nodes.render(context)).strip()
        passages[self._name] = text
        return text


@register.filter
def kind_in_words(kind: str) -> str:
    """Return what a kind of e-mail is about."""
    return str(KINDS[kind].words)


@register.filter
def markdown(text: str) -> SafeString:
    """Return what an organisation has written in Markdown, on a page of ours."""
    return mark_safe(as_html(text, style=False))
