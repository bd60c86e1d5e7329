"""How German writes each format, by how English does."""

DATE_FORMAT = "j. F Y"

globals().update(
    {
        "j": "j.",
        "j F Y": "j. F Y",
        "F Y": "F Y",
        "j F": "j. F",
        "l j F, H:i": "l, j. F, H:i",
        "l j F": "l, j. F",
        "j F Y, H:i": "j. F Y, H:i",
        "j M Y": "j. M Y",
        "l j F Y, H:i": "l, j. F Y, H:i",
        "j F, H:i": "j. F, H:i",
        "H:i": "H:i",
        "l j F Y": "l, j. F Y",
        "j M": "j. M",
        "D j F, H:i": "D, j. F, H:i",
        "l, H:i": "l, H:i",
        "D j M Y, H:i": "D, j. M Y, H:i",
        "D j F": "D, j. F",
        "D j F Y, H:i": "D, j. F Y, H:i",
    }
)
