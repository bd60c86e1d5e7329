"""How each language writes days and times.

Code and templates write a format as English has it ("j F Y"); it is a name here, as an English
sentence is one in a catalog, and a language's `formats.py` has its own for it.
"""
