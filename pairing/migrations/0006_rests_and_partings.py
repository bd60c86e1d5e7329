"""Partnerships may rest until a day; what people say at a rest or an end.  Any release."""

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
        ("identity", "0002_country_and_video_links"),
        ("pairing", "0005_sets_second_person_and_undo"),
    ]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="paused_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="partnership",
            name="resumed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="KindWords",
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
                ("said_at", models.DateTimeField()),
                (
                    "readers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                (
                    "author",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.member",
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "partnership", "author"), name="kind_words_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Parting",
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
                    "cause",
                    models.CharField(
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
                ("said_at", models.DateTimeField()),
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "seat"), name="parting_once_per_seat"
                    )
                ],
            },
        ),
        TenantTable("Parting"),
        TenantTable("KindWords", private=True, with_parent=("partnership",)),
    ]
