"""Markdown of lessons as HTML: pictures are our own files, and everything else is a link."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
# what a person pastes from the page of files: ![What is seen](files/<id>)
_FILE = re.compile(r"^files/([0-9a-f-]{36})$")
_TAGS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "a", "br", "em", "strong", "hr"),
    *("code", "pre", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
_LOWER = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def as_html(markdown: str, *, files: str, lowest: bool = False) -> SafeString:
    """Return it as HTML that is safe to show; `files` is the address of files, with `{id}` in it.

    The page has the h1: a heading of the text is at most an h2, or with `lowest` an h3.
    """
    tokens = _MARKDOWN.parse(markdown)
    top = min((t.tag for t in tokens if t.type == "heading_open"), default="h2")
    steps = 1 if top == "h1" else 0
    for token in tokens:
        if token.type.startswith("heading"):
            for _step in range(steps + lowest):
                token.tag = _LOWER.get(token.tag, token.tag)
            token.tag = token.tag if token.tag in _TAGS else "h4"
        for child in token.children or ():
            for name in ("src", "href"):
                address = str(child.attrs.get(name, ""))
                if found := _FILE.match(address):
                    child.attrs[name] = files.replace("{id}", found[1])
    own = files.partition("{id}")[0]
    return mark_safe(
        nh3.clean(
            _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
            tags=_TAGS,
            attributes={"a": {"href"}, "img": {"src", "alt"}},
            attribute_filter=lambda tag, name, value: _own(own, tag, name, value),
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


def _own(own: str, tag: str, name: str, value: str) -> str | None:
    """Let a picture come from our own files alone: no other address learns who reads."""
    return None if tag == "img" and name == "src" and not value.startswith(own) else value
