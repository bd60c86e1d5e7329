"""Coordinators whom no program names ran all programs: from now on a mark says so.

It belongs to the release that reads the mark.
"""

from django.db import migrations

# The walls are for the application: here the owner of the tables passes them.
MARK = """
ALTER TABLE members_member NO FORCE ROW LEVEL SECURITY;
ALTER TABLE programs_programstaff NO FORCE ROW LEVEL SECURITY;
UPDATE members_member SET runs_all = true
WHERE role = 'coordinator' AND NOT EXISTS (
    SELECT 1 FROM programs_programstaff s
    WHERE s.organisation_id = members_member.organisation_id AND s.member_id = members_member.id
);
ALTER TABLE programs_programstaff FORCE ROW LEVEL SECURITY;
ALTER TABLE members_member FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_words"), ("members", "0005_runs_all")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
