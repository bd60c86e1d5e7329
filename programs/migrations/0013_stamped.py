"""When a row was last written, noted by the database.  Old code leaves the column to it."""

from django.db import migrations, models
from django.db.models import functions

from core.tenancy.tables import Stamped


class Migration(migrations.Migration):

    dependencies = [
        ("programs", "0012_mentor_selection"),
        ("tenancy", "0010_tombstone"),
    ]

    operations = [
        migrations.AddField(
            model_name="program",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Program"),
        migrations.AddField(
            model_name="cohort",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Cohort"),
        migrations.AddField(
            model_name="enrolment",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("Enrolment"),
        migrations.AddField(
            model_name="lessonprogress",
            name="stamped_at",
            field=models.DateTimeField(db_default=functions.datetime.Now(), editable=False),
        ),
        Stamped("LessonProgress"),
    ]
