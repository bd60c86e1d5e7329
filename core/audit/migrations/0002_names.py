"""The names of people in the audit trail go: they are looked up by their ids from now on.

Any release may carry it: the columns stay, and old code writes and shows what it likes.
"""

from django.db import migrations

# The walls are for the application: here the owner of the table passes them.
EMPTY = """
ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY;
UPDATE audit_auditevent SET actor_name = '';
UPDATE audit_auditevent SET target_name = '' WHERE target_kind NOT IN (
    -- what is nobody's own keeps its name: Privacy.is_personal, as it stood in this release
    'organisation', 'emailtext', 'program', 'cohort', 'competency', 'meetingrole', 'question',
    'criterion', 'matchrun', 'criteriaset');
UPDATE audit_auditevent SET details = details - 'person' - 'people' - 'owner' - 'lead' - 'asker' - 'before' - 'now'
WHERE verb IN ('seat.taken', 'seat.moved', 'partnership.renamed', 'pair_rule.set', 'pair_rule.cleared',
               'publication.approved', 'publication.sent_back', 'goal.led', 'decision.owned');
ALTER TABLE audit_auditevent FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(EMPTY, migrations.RunSQL.noop)]
