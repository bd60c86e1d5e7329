"""From when an e-mail stands in its reader's bell, which begins with what is written from now on."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notifications", "0007_texts"), ("members", "0008_bell")]

    operations = [
        migrations.AddField("email", "shown_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "email",
            models.Index(
                fields=["organisation", "member", "shown_at", "id"],
                name="email_in_the_bell",
                condition=models.Q(("shown_at__isnull", False)),
            ),
        ),
    ]
