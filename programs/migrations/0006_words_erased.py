"""When the words of a place in a cohort went.  Old code leaves the column empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("programs", "0005_runs_all")]

    operations = [
        migrations.AddField("enrolment", "words_erased_at", models.DateTimeField(blank=True, null=True)),
    ]
