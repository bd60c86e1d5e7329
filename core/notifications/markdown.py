"""Markdown of e-mails: the one source of which a mail's HTML and its plain text are both made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

# what an e-mail does not need, and where an escaped value would show its backslashes
_OFF = ("image", "html_block", "html_inline", "backticks", "code", "fence", "autolink", "reference")
_MARKDOWN = MarkdownIt("commonmark", {"breaks": True, "html": False}).disable(list(_OFF))
# mail programs drop stylesheets: an e-mail carries its style inline
_STYLES = {
    "p": "margin:0 0 12px",
    "h2": "margin:20px 0 4px;font-size:16px;font-weight:650",
    "ul": "margin:0 0 12px;padding-left:20px",
    "ol": "margin:0 0 12px;padding-left:20px",
    "li": "margin:0 0 4px",
    "blockquote": "margin:0 0 12px;padding-left:12px;border-left:3px solid #ddd7cb",
    "a": "color:#0f5f57",
}
_TAGS = {*_STYLES, "br", "em", "strong", "hr"}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class Value(str):
    """What a template puts into an e-mail: it stays the characters it is, never Markdown."""

    __slots__ = ()

    def __html__(self) -> str:
        return escaped(self)


def escaped(value: str, *, edges: bool = False) -> str:
    r"""Return a value as Markdown that shows it as it is; its lines stay lines.

    With `edges` the spaces around it stay too.

    >>> escaped("*Wye*")
    '\\*Wye\\*'
    """
    if edges:
        return _PUNCTUATION.sub(r"\\\1", value)
    lines = (" ".join(line.split()) for line in value.strip().splitlines())
    return "\\\n".join(_PUNCTUATION.sub(r"\\\1", line) for line in lines)


def as_html(markdown: str, *, style: bool = True) -> str:
    """Return the Markdown as HTML that is safe to show, with its style inline unless on a page."""
    tokens = _MARKDOWN.parse(markdown)
    for token in _all(tokens):
        if token.type.startswith("heading"):
            token.tag = "h2"
        if style and token.nesting == 1 and token.tag in _STYLES:
            token.attrSet("style", _STYLES[token.tag])
    return nh3.clean(
        _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
        tags=_TAGS,
        attributes={"*": {"style"}, "a": {"href", "style"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def as_text(markdown: str) -> str:
    """Return the Markdown as the plain text that says the same."""
    return "\n\n".join(_block(node) for node in SyntaxTreeNode(_MARKDOWN.parse(markdown)).children)


def as_line(markdown: str) -> str:
    """Return the words of one line of Markdown, such as a subject."""
    return " ".join(_inline(SyntaxTreeNode(_MARKDOWN.parseInline(markdown))).split())


@dataclass(frozen=True)
class Run:
    """Words of a line that are one link, or none."""

    text: str
    href: str = ""


def as_runs(markdown: str) -> list[list[Run]]:
    """Return the Markdown as lines of plain words and links, for what has a markup of its own."""
    return list(_lines(SyntaxTreeNode(_MARKDOWN.parse(markdown))))


def _lines(node: SyntaxTreeNode) -> Iterator[list[Run]]:
    if node.type == "list_item":
        inside = (runs for child in node.children for runs in _lines(child))
        for place, runs in enumerate(inside):
            yield [Run("  " if place else "• "), *runs]
    elif node.type == "inline":
        line: list[Run] = []
        for run in _runs(node):
            if run.text == "\n":
                yield line
                line = []
            else:
                line.append(run)
        yield line
    else:
        for child in node.children:
            yield from _lines(child)


def _runs(node: SyntaxTreeNode) -> Iterator[Run]:
    if node.type == "link":
        text = "".join(_inline(child) for child in node.children)
        yield Run(" ".join(text.split()), str(node.attrs["href"]))
    elif node.children:
        for child in node.children:
            yield from _runs(child)
    elif text := _inline(node):
        yield Run(text)


def _all(tokens: Iterable[Token]) -> Iterable[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _block(node: SyntaxTreeNode) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        first = int(node.attrs.get("start", 1))
        marks = ("-" if node.type == "bullet_list" else f"{n}." for n in range(first, 10_000))
        return "\n".join(
            f"{mark} {_inside(item)}" for mark, item in zip(marks, node.children, strict=False)
        )
    if node.type == "blockquote":
        return "\n".join(f"> {line}" for line in _inside(node).splitlines())
    if node.type == "hr":
        return "* * *"
    return _inline(node)


def _inside(node: SyntaxTreeNode) -> str:
    """Write what a list's item or a quotation holds, the lines after its first indented."""
    text = "\n".join(_block(child) for child in node.children)
    return text if node.type == "blockquote" else text.replace("\n", "\n  ")


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    if not node.children:
        return node.content
    text = "".join(_inline(child) for child in node.children)
    if node.type == "link" and text != (href := str(node.attrs["href"])):
        return f"{text} ({href.removeprefix('mailto:')})"
    return text
