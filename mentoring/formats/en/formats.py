"""English writes every format as it stands in code."""

DATE_FORMAT = "j F Y"
