"""Only who is asked the same thing opens a box of anonymous answers, to add to it; a policy alone.

Old code runs on it: it opens a box to put an answer in, as one who was asked, or for nobody.
"""

from django.db import migrations

from core.tenancy.tables import Sealed

IS_ASKED = """EXISTS (
    SELECT 1
    FROM feedback_surveyresponse f
    JOIN programs_enrolment e ON e.organisation_id = f.organisation_id AND e.id = f.enrolment_id
    LEFT JOIN pairing_seat s ON s.organisation_id = f.organisation_id AND s.id = f.seat_id
    WHERE f.organisation_id = feedback_anonymousbox.organisation_id
    AND f.survey = feedback_anonymousbox.survey
    AND f.occasion = feedback_anonymousbox.occasion
    AND e.cohort_id = feedback_anonymousbox.cohort_id
    AND e.member_id = {reader}
    AND s.partnership_id IS NOT DISTINCT FROM feedback_anonymousbox.partnership_id
)"""


class Migration(migrations.Migration):

    dependencies = [
        ("feedback", "0016_stamped"),
    ]

    operations = [Sealed("AnonymousBox", IS_ASKED)]
