"""When the words of a partnership that is over went.  Old code leaves the column empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("pairing", "0004_going_on")]

    operations = [
        migrations.AddField("partnership", "words_erased_at", models.DateTimeField(blank=True, null=True)),
    ]
