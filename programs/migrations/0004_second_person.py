"""A program may ask for a second person before a matching is published."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0003_self_match"),
    ]

    operations = [
        migrations.AddField(
            model_name="program",
            name="second_person",
            field=models.BooleanField(
                default=False, verbose_name="a second person approves a publication"
            ),
        ),
    ]
