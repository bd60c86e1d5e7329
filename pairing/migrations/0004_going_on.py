"""Partners may go on after the last day, when all of them wish to.  Old code leaves both alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("pairing", "0003_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="prolonged",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="seat",
            name="goes_on_until",
            field=models.DateField(blank=True, null=True),
        ),
    ]
