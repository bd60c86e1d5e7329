"""Whether a partnership works for each of its people, and warnings of silence.  Any release."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import mentoring.common.clock
import mentoring.common.ids
import mentoring.identity.tenancy
from mentoring.identity.tables import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0001_initial"),
        ("identity", "0002_country_and_video_links"),
        ("pairing", "0006_rests_and_partings"),
    ]

    operations = [
        migrations.CreateModel(
            name="FitQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=mentoring.common.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=mentoring.common.clock.now, editable=False),
                ),
                (
                    "moment",
                    models.CharField(
                        choices=[
                            ("first_session", "After the first session"),
                            ("day_30", "After a month"),
                        ],
                        max_length=13,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fits",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("mostly", "Mostly"), ("no", "No")],
                        max_length=6,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("time", "Time: we found no hours for it"),
                            ("goals", "Goals: we want different things"),
                            ("style", "Style: we work differently"),
                            ("distance", "Distance: places or time zones"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("coordinator_sees", models.BooleanField(default=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        default=mentoring.identity.tenancy.current_organisation_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "seat",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FitWords",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=mentoring.common.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=mentoring.common.clock.now, editable=False),
                ),
                ("text", models.TextField(max_length=1000)),
                (
                    "readers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        default=mentoring.identity.tenancy.current_organisation_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "question",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="feedback.fitquestion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StaleWarning",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=mentoring.common.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=mentoring.common.clock.now, editable=False),
                ),
                ("silent_since", models.DateField()),
                ("warned_on", models.DateField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        default=mentoring.identity.tenancy.current_organisation_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "partnership",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.partnership",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="fitquestion",
            index=models.Index(
                condition=models.Q(("answered_at", None)),
                fields=["organisation", "due_on"],
                name="fit_question_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="fitquestion",
            constraint=models.UniqueConstraint(
                fields=("organisation", "seat", "moment"), name="fit_question_once_per_moment"
            ),
        ),
        migrations.AddConstraint(
            model_name="fitquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("cause", ""), ("fits", "")),
                    models.Q(("answered_at__isnull", False), models.Q(("fits", ""), _negated=True)),
                    _connector="OR",
                ),
                name="fit_question_answered_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="fitwords",
            constraint=models.UniqueConstraint(
                fields=("organisation", "question"), name="fit_words_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stalewarning",
            constraint=models.UniqueConstraint(
                fields=("organisation", "partnership", "silent_since"),
                name="stale_warning_once_per_silence",
            ),
        ),
        migrations.AddConstraint(
            model_name="stalewarning",
            constraint=models.CheckConstraint(
                condition=models.Q(("warned_on__gt", models.F("silent_since"))),
                name="stale_warning_after_silence",
            ),
        ),
        TenantTable("FitQuestion"),
        TenantTable("FitWords", private=True, with_parent=("question",)),
        TenantTable("StaleWarning"),
    ]
