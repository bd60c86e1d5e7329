"""Words for "my coordinator" are read by who runs the program on the day they look.

Their readers were written down once: who was demoted read on, and who followed read nothing.  The
words whose readers sat at no table with their author were meant for coordinators, and are so now.
Any release may carry it: old code leaves the audience empty, and its readers read.
"""

from django.db import migrations, models

from core.tenancy.tables import Audience

# Whoever runs the program of that seat's partnership, and has never sat there.
RUNS_IT = """EXISTS (
    SELECT 1
    FROM {fact} f
    JOIN pairing_seat s ON s.organisation_id = f.organisation_id AND s.id = f.seat_id
    JOIN pairing_partnership p ON p.organisation_id = s.organisation_id AND p.id = s.partnership_id
    JOIN programs_cohort c ON c.organisation_id = p.organisation_id AND c.id = p.cohort_id
    JOIN members_member m ON m.organisation_id = f.organisation_id AND m.id = {{reader}}
    WHERE f.organisation_id = {body}.organisation_id AND f.id = {body}.{column}
    AND m.state = 'live' AND m.role = 'coordinator'
    AND (m.runs_all OR EXISTS (
        SELECT 1 FROM programs_programstaff r
        WHERE r.organisation_id = m.organisation_id AND r.member_id = m.id
        AND r.program_id = c.program_id
    ))
    AND NOT EXISTS (
        SELECT 1 FROM pairing_seat o
        JOIN programs_enrolment e ON e.organisation_id = o.organisation_id AND e.id = o.enrolment_id
        WHERE o.organisation_id = p.organisation_id AND o.partnership_id = p.id
        AND e.member_id = m.id
    )
)"""

# The walls are for the application: here the owner of the tables passes them.
MEANT = """
ALTER TABLE {body} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {fact} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE pairing_seat NO FORCE ROW LEVEL SECURITY;
ALTER TABLE programs_enrolment NO FORCE ROW LEVEL SECURITY;
UPDATE {body} b SET audience = 'coordinator', readers = ARRAY[e.member_id]
FROM {fact} f
JOIN pairing_seat s ON s.id = f.seat_id
JOIN programs_enrolment e ON e.id = s.enrolment_id
WHERE f.id = b.{column} AND cardinality(b.readers) > 1 AND NOT EXISTS (
    SELECT 1 FROM pairing_seat o JOIN programs_enrolment x ON x.id = o.enrolment_id
    WHERE o.partnership_id = s.partnership_id AND x.member_id = ANY (b.readers)
    AND x.member_id <> e.member_id
);
ALTER TABLE programs_enrolment FORCE ROW LEVEL SECURITY;
ALTER TABLE pairing_seat FORCE ROW LEVEL SECURITY;
ALTER TABLE {fact} FORCE ROW LEVEL SECURITY;
ALTER TABLE {body} FORCE ROW LEVEL SECURITY;
"""
NOTE = {"body": "feedback_checkinnote", "fact": "feedback_checkin", "column": "check_in_id"}
FIT = {"body": "feedback_fitwords", "fact": "feedback_fitquestion", "column": "question_id"}


def _audience() -> models.CharField:
    choices = [("coordinator", "My coordinator")]
    return models.CharField(
        blank=True, choices=choices, db_default="", default="", max_length=12
    )


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0002_survey"),
        ("pairing", "0001_initial"),
        ("programs", "0005_runs_all"),
    ]

    operations = [
        migrations.AddField("checkinnote", "audience", _audience()),
        migrations.AddField("fitwords", "audience", _audience()),
        migrations.RunSQL(MEANT.format(**NOTE), migrations.RunSQL.noop),
        migrations.RunSQL(MEANT.format(**FIT), migrations.RunSQL.noop),
        Audience("CheckInNote", RUNS_IT.format(**NOTE)),
        Audience("FitWords", RUNS_IT.format(**FIT)),
    ]
