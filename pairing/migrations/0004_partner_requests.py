"""Self-match: wishes, requests with their states, and words that only the two may read."""

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
        ("identity", "0001_initial"),
        ("pairing", "0003_own_choice_and_remedy"),
        ("programs", "0003_self_match"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartnerRequest",
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
                            ("open", "Waiting for an answer"),
                            ("question", "Asked to tell more"),
                            ("accepted", "Accepted"),
                            ("declined", "Not this time"),
                            ("lapsed", "Not answered in time"),
                            ("withdrawn", "Taken back"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("partnered", "The asker has found a partner"),
                            ("full", "The person asked has no place left"),
                            ("gone", "One of the two no longer takes part"),
                            ("coordinator", "Closed by a coordinator"),
                        ],
                        max_length=12,
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("questioned_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("followed_at", models.DateTimeField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(default=mentoring.common.clock.now)),
                (
                    "asked",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.enrolment",
                    ),
                ),
                (
                    "asker",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.enrolment",
                    ),
                ),
                (
                    "cohort",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.cohort",
                    ),
                ),
                (
                    "follows",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pairing.partnerrequest",
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
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pairing.partnership",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RequestWords",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("note", "Note"),
                            ("question", "Question"),
                            ("answer", "Answer"),
                            ("reply", "Reply"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(max_length=1000)),
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
                    "request",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.partnerrequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Wish",
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
                ("rank", models.PositiveSmallIntegerField()),
                (
                    "enrolment",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.enrolment",
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
                    "wished",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.enrolment",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="partnerrequest",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "question"])),
                fields=["organisation", "due_at"],
                name="partner_request_due",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerrequest",
            index=models.Index(
                fields=["organisation", "cohort", "state"], name="partner_request_queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "question"])),
                fields=("organisation", "asker", "asked"),
                name="partner_request_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("follows__isnull", False)),
                fields=("organisation", "follows"),
                name="partner_request_one_successor",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state__in", ["open", "question"])),
                    models.Q(
                        models.Q(("state__in", ["open", "question"]), _negated=True),
                        ("decided_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="partner_request_decided_iff_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), models.Q(("because", ""), _negated=True)),
                    models.Q(models.Q(("state", "closed"), _negated=True), ("because", "")),
                    _connector="OR",
                ),
                name="partner_request_because_iff_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("asker", models.F("asked")), _negated=True),
                name="partner_request_of_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestwords",
            constraint=models.UniqueConstraint(
                fields=("organisation", "request", "kind"), name="request_words_once_per_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.UniqueConstraint(
                fields=("organisation", "enrolment", "wished"), name="wish_once_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.UniqueConstraint(
                fields=("organisation", "enrolment", "rank"), name="wish_once_per_rank"
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.CheckConstraint(
                condition=models.Q(("enrolment", models.F("wished")), _negated=True),
                name="wish_for_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__gte", 1), ("rank__lte", 5)), name="wish_rank"
            ),
        ),
        TenantTable("Wish"),
        TenantTable("PartnerRequest"),
        TenantTable("RequestWords", private=True, with_parent=("request",)),
    ]
