"""Whether partners may read an answer as a reason.  Any release.

Answers from before stay closed: nobody was asked.  Old code that inserts leaves it closed too.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0004_second_person")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="shown",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
