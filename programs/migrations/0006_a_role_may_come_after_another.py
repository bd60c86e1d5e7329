"""A meeting role may come after another, or ask for a level in its competency."""

import django.db.models.deletion
from django.db import migrations, models

import mentoring.identity.tenancy
from mentoring.identity.tables import TenantReference


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_country_and_video_links"),
        ("programs", "0005_answer_shown"),
    ]

    operations = [
        migrations.AddField(
            model_name="meetingrole",
            name="after",
            field=mentoring.identity.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="programs.meetingrole",
            ),
        ),
        migrations.AddField(
            model_name="meetingrole",
            name="needs_level",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="level needed"),
        ),
        migrations.AddConstraint(
            model_name="meetingrole",
            constraint=models.CheckConstraint(
                condition=models.Q(("needs_level__lte", 5)), name="meeting_role_level_of_five"
            ),
        ),
        TenantReference("MeetingRole", "after"),
    ]
