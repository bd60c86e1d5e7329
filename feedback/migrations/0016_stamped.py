"""When a row was last written, noted by the database.  Old code leaves the column to it."""

from django.db import migrations, models
from django.db.models import functions

from core.tenancy.tables import Stamped


class Migration(migrations.Migration):

    dependencies = [
        ("feedback", "0015_quoted_in_invitations"),
        ("tenancy", "0010_tombstone"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkin",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("CheckIn"),
        migrations.AddField(
            model_name="surveyresult",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("SurveyResult"),
        migrations.AddField(
            model_name="certificate",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Certificate"),
    ]
