"""Results of surveys go with an organisation that has been closed for 30 days, never before.

Any release may carry it: old code deletes nothing.
"""

from django.db import migrations

from core.tenancy.tables import DeletableWhenClosed


class Migration(migrations.Migration):
    dependencies = [("feedback", "0011_voice")]

    operations = [DeletableWhenClosed("SurveyResult")]
