"""Members say their country, organisations where they meet by video.  Release 2."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="country",
            field=models.CharField(blank=True, max_length=2, verbose_name="country"),
        ),
        migrations.AddField(
            model_name="organisationsettings",
            name="video_template",
            field=models.CharField(
                blank=True, default="https://meet.jit.si/{room}", max_length=200
            ),
        ),
    ]
