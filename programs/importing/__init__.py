"""Import of people, up to the point where something would be written.

`read_table` makes rows of bytes, `guess_mapping` proposes which column is which, `plan` says
what would happen to each row. Plain Python: applying a plan is the business of operations.
See docs/adr/0007-import-plans-before-it-writes.md.
"""

from programs.importing.fields import FACTS, FIELDS, PERSON_FIELDS
from programs.importing.mapping import (
    SYNONYMS,
    guess_mapping,
    mapping_problems,
)
from programs.importing.messages import SENTENCES, Code, sentence
from programs.importing.planning import (
    VERDICTS,
    Action,
    Change,
    ExistingPerson,
    Plan,
    PlannedRow,
    Verdict,
    check_mapping,
    plan,
)
from programs.importing.tables import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    Table,
    TableRow,
    UnreadableFile,
    read_table,
)
from programs.importing.values import Part, PersonValues, Problem, Skill, Slot

__all__ = [
    "FACTS",
    "FIELDS",
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "PERSON_FIELDS",
    "SENTENCES",
    "SYNONYMS",
    "VERDICTS",
    "Action",
    "Change",
    "Code",
    "ExistingPerson",
    "Part",
    "PersonValues",
    "Plan",
    "PlannedRow",
    "Problem",
    "Skill",
    "Slot",
    "Table",
    "TableRow",
    "UnreadableFile",
    "Verdict",
    "check_mapping",
    "guess_mapping",
    "mapping_problems",
    "plan",
    "read_table",
    "sentence",
]
