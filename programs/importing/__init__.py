"""Import of people, up to the point where something would be written.

`read_table` makes rows of bytes, `guess_mapping` proposes which column is which, `plan` says
what would happen to each row. Plain Python: applying a plan is the business of operations.
See docs/adr/0007-import-plans-before-it-writes.md.
"""
