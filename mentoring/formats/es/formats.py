"""How Spanish writes each format, by how English does."""

DATE_FORMAT = r"j \d\e F \d\e Y"

globals().update(
    {
        "j": "j",
        "F Y": r"F \d\e Y",
        "j F Y": r"j \d\e F \d\e Y",
        "j F": r"j \d\e F",
        "l j F, H:i": r"l j \d\e F, H:i",
        "l j F": r"l j \d\e F",
        "j F Y, H:i": r"j \d\e F \d\e Y, H:i",
        "j M Y": "j M Y",
        "l j F Y, H:i": r"l j \d\e F \d\e Y, H:i",
        "j F, H:i": r"j \d\e F, H:i",
        "H:i": "H:i",
        "l j F Y": r"l j \d\e F \d\e Y",
        "j M": "j M",
        "D j F, H:i": r"D j \d\e F, H:i",
        "l, H:i": "l, H:i",
        "D j M Y, H:i": "D j M Y, H:i",
        "D j F": r"D j \d\e F",
        "D j F Y, H:i": r"D j \d\e F \d\e Y, H:i",
    }
)
