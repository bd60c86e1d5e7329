"""Named sets of criteria, a second person who publishes, and runs that can be taken back."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import mentoring.common.clock
import mentoring.common.ids
import mentoring.identity.tenancy
from mentoring.identity.tables import TenantReference, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("pairing", "0004_partner_requests"),
        ("programs", "0004_second_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="CriteriaSet",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("policy", models.CharField(max_length=20)),
                ("choice", models.JSONField(default=dict)),
                ("changed_at", models.DateTimeField(default=mentoring.common.clock.now)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                    "program",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PublicationRequest",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("declined", "Sent back"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.member",
                    ),
                ),
                (
                    "decided_by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                    "run",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.matchrun",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="partnership",
            name="partnership_name_once",
        ),
        migrations.RemoveConstraint(
            model_name="partnership",
            name="partnership_ended_iff_over",
        ),
        migrations.AddField(
            model_name="matchrun",
            name="choice",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="set_name",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="partnership",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "Proposed"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("completed", "Completed"),
                    ("ended", "Ended"),
                    ("lapsed", "Lapsed"),
                    ("never_started", "Never started"),
                    ("withdrawn", "Taken back"),
                ],
                default="active",
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("organisation", "cohort", "name"),
                name="partnership_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ["proposed", "active", "paused"])),
                    models.Q(
                        (
                            "state__in",
                            ["completed", "ended", "lapsed", "never_started", "withdrawn"],
                        ),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="partnership_ended_iff_over",
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="criteria_set",
            field=mentoring.identity.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="pairing.criteriaset",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False)),
                    models.Q(
                        models.Q(("state", "withdrawn"), _negated=True), ("withdrawn_at", None)
                    ),
                    _connector="OR",
                ),
                name="match_run_withdrawn_at_iff_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="criteriaset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("organisation", "program", "name"),
                name="criteria_set_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicationrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("organisation", "run"),
                name="publication_request_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "asked")),
                    models.Q(
                        models.Q(("state", "asked"), _negated=True), ("decided_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="publication_request_decided_iff_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicationrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="publication_request_by_another",
            ),
        ),
        TenantTable("CriteriaSet"),
        TenantTable("PublicationRequest"),
        TenantReference("MatchRun", "criteria_set"),
    ]
