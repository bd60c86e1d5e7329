"""The meeting room as plain Python: what a step asks for, whose turn it is, who sits together."""
