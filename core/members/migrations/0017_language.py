"""In which language somebody reads pages and e-mails; empty as the organisation has it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0016_coming_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="language",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=12, verbose_name="language"
            ),
        ),
    ]
