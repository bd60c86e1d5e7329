"""Partners decide together, and every word of it is kept."""

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
        ("mentoring_sessions", "0004_a_session_is_held_in_a_room"),
        ("pairing", "0005_sets_second_person_and_undo"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
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
                ("number", models.PositiveSmallIntegerField()),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("consent", "Consent"),
                            ("consensus", "Consensus"),
                            ("gradients", "Gradients of agreement"),
                            ("advice", "Advice"),
                            ("sense_check", "Sense check"),
                            ("dots", "Choice by dots"),
                            ("ranked", "Choice by ranking"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "quorum",
                    models.CharField(
                        choices=[
                            ("half", "More than half"),
                            ("two_thirds", "Two thirds"),
                            ("all", "Everybody"),
                        ],
                        default="two_thirds",
                        max_length=10,
                    ),
                ),
                ("window_days", models.PositiveSmallIntegerField(default=5)),
                ("practice", models.BooleanField(default=False)),
                ("review_weeks", models.PositiveSmallIntegerField(default=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("clarify", "Clarifying"),
                            ("react", "Reacting"),
                            ("decide", "Deciding"),
                            ("adopted", "Adopted"),
                            ("not_adopted", "Not adopted"),
                            ("withdrawn", "Withdrawn"),
                            ("review", "Up for review"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("ballot", models.PositiveSmallIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
                ("extended", models.BooleanField(default=False)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("why", models.CharField(blank=True, max_length=20)),
                ("review_on", models.DateField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(default=mentoring.common.clock.now)),
                (
                    "action",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="mentoring_sessions.action",
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
                    "owner",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
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
                    "proposer",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
                (
                    "session",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="mentoring_sessions.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Asked",
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
                    "because",
                    models.CharField(
                        choices=[
                            ("affected", "It affects them"),
                            ("experienced", "They have experience with it"),
                        ],
                        max_length=12,
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
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="asked",
                        to="mentoring_sessions.decision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Outcome",
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
                ("ballot", models.PositiveSmallIntegerField()),
                ("version", models.PositiveSmallIntegerField()),
                ("adopted", models.BooleanField()),
                ("why", models.CharField(blank=True, max_length=20)),
                ("count", models.JSONField(default=dict)),
                ("said", models.CharField(blank=True, max_length=600, verbose_name="Why")),
                ("partners", models.PositiveSmallIntegerField()),
                ("voices", models.PositiveSmallIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outcomes",
                        to="mentoring_sessions.decision",
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
            name="Remark",
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
                            ("question", "Question"),
                            ("answer", "Answer"),
                            ("reaction", "Reaction"),
                        ],
                        max_length=8,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=0)),
                ("words", models.CharField(blank=True, max_length=600)),
                ("passed", models.BooleanField(default=False)),
                ("said_at", models.DateTimeField()),
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remarks",
                        to="mentoring_sessions.decision",
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
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="mentoring_sessions.remark",
                    ),
                ),
                (
                    "seat",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
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
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("clarify", "Clarifying"),
                            ("react", "Reacting"),
                            ("decide", "Deciding"),
                            ("adopted", "Adopted"),
                            ("not_adopted", "Not adopted"),
                            ("withdrawn", "Withdrawn"),
                            ("review", "Up for review"),
                        ],
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("ballot", models.PositiveSmallIntegerField()),
                ("why", models.CharField(blank=True, max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="mentoring_sessions.decision",
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
            name="Vote",
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
                ("ballot", models.PositiveSmallIntegerField()),
                ("answer", models.CharField(blank=True, max_length=10)),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=600)),
                ("cast_at", models.DateTimeField()),
                ("integrated_in", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="mentoring_sessions.decision",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Wording",
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
                ("version", models.PositiveSmallIntegerField()),
                (
                    "title",
                    models.CharField(max_length=200, verbose_name="The proposal in one sentence"),
                ),
                (
                    "text",
                    models.TextField(blank=True, max_length=4000, verbose_name="More about it"),
                ),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
                (
                    "decision",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wordings",
                        to="mentoring_sessions.decision",
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
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("state", "decide")),
                fields=["organisation", "closes_at"],
                name="decision_deciding",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("state", "adopted")),
                fields=["organisation", "review_on"],
                name="decision_to_review",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["organisation", "changed_at"], name="decision_by_change"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("organisation", "partnership", "number"), name="decision_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes_at__isnull", False), ("state", "decide")),
                    models.Q(models.Q(("state", "decide"), _negated=True), ("closes_at", None)),
                    _connector="OR",
                ),
                name="decision_closes_while_deciding",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_on__isnull", False),
                        ("state__in", ["adopted", "not_adopted", "withdrawn", "review"]),
                    ),
                    models.Q(
                        ("state__in", ["draft", "clarify", "react", "decide"]),
                        ("closed_at", None),
                        ("closed_on", None),
                    ),
                    _connector="OR",
                ),
                name="decision_closed_iff_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "withdrawn"]),
                    ("opened_at__isnull", False),
                    _connector="OR",
                ),
                name="decision_opened_unless_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_days__in", [0, 3, 5, 7])), name="decision_window_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="asked",
            constraint=models.UniqueConstraint(
                fields=("organisation", "decision", "seat"), name="asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.UniqueConstraint(
                fields=("organisation", "decision", "ballot"), name="outcome_once_each_ballot"
            ),
        ),
        migrations.AddConstraint(
            model_name="outcome",
            constraint=models.CheckConstraint(
                condition=models.Q(("voices__lte", models.F("partners"))),
                name="outcome_voices_at_the_table",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "reaction")),
                fields=("organisation", "decision", "round", "seat"),
                name="reaction_once_each_round",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reaction"), ("passed", True), ("words", "")),
                    models.Q(("passed", False), models.Q(("words", ""), _negated=True)),
                    _connector="OR",
                ),
                name="remark_has_words_or_is_a_pass",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "answer"), ("question__isnull", False)),
                    models.Q(models.Q(("kind", "answer"), _negated=True), ("question", None)),
                    _connector="OR",
                ),
                name="remark_answers_a_question",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                fields=("organisation", "decision", "number"), name="step_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(
                fields=("organisation", "decision", "ballot", "seat"), name="vote_once_each_ballot"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("marks__len__gt", 0)),
                    models.Q(models.Q(("answer", ""), _negated=True), ("marks__len", 0)),
                    _connector="OR",
                ),
                name="vote_answers_or_marks",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer__in", ["object", "block", "7", "8", "advice"]), _negated=True
                    ),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="vote_that_binds_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=models.UniqueConstraint(
                fields=("organisation", "decision", "version"), name="wording_version_once"
            ),
        ),
        TenantTable("Decision"),
        TenantTable("Wording"),
        TenantTable("Remark"),
        TenantTable("Vote"),
        TenantTable("Asked"),
        TenantTable("Step"),
        TenantTable("Outcome"),
    ]
