"""When a token ends, and when it was last used.  Old code leaves both empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0018_stamped"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="last_used_on",
            field=models.DateField(blank=True, null=True),
        ),
    ]
