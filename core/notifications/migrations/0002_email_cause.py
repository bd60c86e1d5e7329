"""What one act has to say to one person becomes one e-mail: e-mails know their act."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AddField(
            "email", "cause_id", models.UUIDField(blank=True, null=True)
        ),
    ]
