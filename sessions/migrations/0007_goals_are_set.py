"""Partners have goals, private ones with words that only their owner reads."""

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
        ("mentoring_sessions", "0006_charters_are_signed"),
        ("pairing", "0005_sets_second_person_and_undo"),
    ]

    operations = [
        migrations.CreateModel(
            name="Goal",
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
                ("private", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting for everybody"),
                            ("active", "Active"),
                            ("met", "Met"),
                            ("dropped", "Dropped"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("due_on", models.DateField(verbose_name="by when")),
                ("lead_until", models.DateField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_on", models.DateField(blank=True, null=True)),
                (
                    "title",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="What do you want to reach?"
                    ),
                ),
                ("milestones", models.JSONField(blank=True, default=list)),
                ("word", models.CharField(blank=True, max_length=200)),
                ("changed_at", models.DateTimeField(default=mentoring.common.clock.now)),
                (
                    "lead",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pairing.seat",
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
                (
                    "seat",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GoalBody",
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
                ("title", models.CharField(blank=True, max_length=200)),
                ("milestones", models.JSONField(blank=True, default=list)),
                ("word", models.CharField(blank=True, max_length=200)),
                (
                    "readers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                (
                    "goal",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mentoring_sessions.goal",
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
            ],
        ),
        migrations.CreateModel(
            name="GoalProgress",
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
                ("on", models.DateField()),
                ("level", models.PositiveSmallIntegerField()),
                (
                    "goal",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="progress",
                        to="mentoring_sessions.goal",
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
            name="GoalVoice",
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
                ("agreed_at", models.DateTimeField()),
                ("met_at", models.DateTimeField(blank=True, null=True)),
                (
                    "goal",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voices",
                        to="mentoring_sessions.goal",
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
            name="ReadyToClose",
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
                ("at", models.DateTimeField()),
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
        migrations.AddIndex(
            model_name="goal",
            index=models.Index(
                condition=models.Q(("state", "active")),
                fields=["organisation", "due_on"],
                name="goal_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(("private", False), ("seat__isnull", False), _connector="OR"),
                name="goal_private_is_somebody_s",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("milestones", []), ("private", True), ("title", ""), ("word", "")),
                    models.Q(("private", False), models.Q(("title", ""), _negated=True)),
                    _connector="OR",
                ),
                name="goal_private_words_elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_on__isnull", False),
                        ("state__in", ["met", "dropped"]),
                    ),
                    models.Q(
                        ("settled_at", None),
                        ("settled_on", None),
                        ("state__in", ["proposed", "active"]),
                    ),
                    _connector="OR",
                ),
                name="goal_settled_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lead", None), ("lead_until", None)),
                    models.Q(("lead_until__isnull", False), ("seat", None)),
                    _connector="OR",
                ),
                name="goal_lead_has_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seat", None), models.Q(("state", "proposed"), _negated=True), _connector="OR"
                ),
                name="goal_personal_needs_no_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="goalbody",
            constraint=models.UniqueConstraint(
                fields=("organisation", "goal"), name="goal_body_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="goalprogress",
            constraint=models.UniqueConstraint(
                fields=("organisation", "goal", "seat", "on"), name="goal_progress_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="goalprogress",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1), ("level__lte", 5)),
                name="goal_progress_one_to_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="goalvoice",
            constraint=models.UniqueConstraint(
                fields=("organisation", "goal", "seat"), name="goal_voice_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="readytoclose",
            constraint=models.UniqueConstraint(
                fields=("organisation", "partnership", "seat"), name="ready_to_close_once"
            ),
        ),
        TenantTable("Goal"),
        TenantTable("GoalBody", private=True, with_parent=("goal",)),
        TenantTable("GoalVoice"),
        TenantTable("GoalProgress"),
        TenantTable("ReadyToClose"),
    ]
