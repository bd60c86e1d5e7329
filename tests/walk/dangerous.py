"""What a field may be sent by who means harm or by accident: strings, by what they break."""

from __future__ import annotations

_CONTROL = [
    *(chr(code) for code in (1, 7, 8, 9, 10, 11, 12, 13, 27, 127, 0x80, 0x85, 0x9F, 0xA0, 0xAD)),
    *("\u034f", "\u061c", "\u115f", "\u180e", "\u200b", "\u200d", "\u200e", "\u200f", "\u2028"),
    *("\u2029", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u3164", "\ufe0f", "\ufeff"),
    *("\ufff9", "\ufffd", "\uffff", "\U000e0001", "\U0010ffff"),
]
_LETTERS = [
    *("ß", "İstanbul", "ıI", "ﬁ", "Ω", "Å", "é", "e\u0301", "ﷺ", "𝕬𝖉𝖆", "ａｄａ", "Ⅷ", "١٢٣"),
    *(
        "田中さん",
        "안녕",
        "שלום עולם",
        "مرحبا",
        "ไทย",
        "नमस्ते",
        "👍🏿",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "👩‍👩‍👧‍👦",
        "A\u030a" * 50,
    ),
]
_SQL = [
    *("'", "''", '"', "\\", "\\'", "%", "_", "%%", "%s", "%(name)s", "$1", "?", ":name", "--", ";"),
    *("' OR '1'='1", "1; SELECT pg_sleep(9)", "E'\\x00'", "{1,2}", "NULL", "\\N", "\\."),
]
_MARKUP = [
    *("<", ">", "&", "&lt;", "&#0;", "<!--", "]]>", "<svg onload=alert(1)>", "javascript:alert(1)"),
    *(
        "'\"><b>",
        "</textarea><b>",
        "</script><b>",
        "<iframe src=//evil.example>",
        "[x](javascript:1)",
    ),
    *("{{ settings.SECRET_KEY }}", "{% debug %}", "${7*7}", "#{7*7}", "{0.__class__}", "%{7*7}"),
]
_NUMBERS = [
    *("0", "-0", "-1", "1e309", "-1e309", "NaN", "Infinity", "0x10", "1_000", "1,000", "1.5", "٣"),
    *("2147483648", "9223372036854775808", "9" * 400, "1" * 5_000),
]
_TIMES = [
    *(
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "2026-02-30",
        "2026-03-29T02:30",
        "24:00",
        "-1:00",
    ),
    *("0001-01-01", "2026-W01", "now", "infinity", "1969-12-31T23:59:60Z"),
]
_ADDRESSES = [
    *("@", "a@b", "a@b..c", "a@[127.0.0.1]", '"a b"@x.example', "a@x.example\nBcc: b@y.example"),
    *(
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "//evil.example",
        "https://x@evil.example",
        "C:\\",
    ),
    *("../../../etc/passwd", "..%2f", "a" * 300 + "@x.example"),
]
_SHAPES = [
    *(
        "true",
        "on",
        "None",
        "undefined",
        "[]",
        "{}",
        '{"a":',
        "[[[[[[[[",
        "(" * 20_000,
        " ",
        "   x  ",
    ),
    *("x" * 40_000, "00000000-0000-0000-0000-000000000000", "x;y", "=1+1", "+1", "@SUM(1)"),
]

STRINGS = {
    f"{name} {number}": text
    for name, texts in [
        ("control", _CONTROL),
        ("letters", _LETTERS),
        ("sql", _SQL),
        ("markup", _MARKUP),
        ("numbers", _NUMBERS),
        ("times", _TIMES),
        ("addresses", _ADDRESSES),
        ("shapes", _SHAPES),
    ]
    for number, text in enumerate(texts)
}
