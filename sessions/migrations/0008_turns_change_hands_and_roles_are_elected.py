"""Turns change hands by agreement, roles are elected, first-time leaders have a buddy."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import mentoring.common.clock
import mentoring.common.ids
import mentoring.identity.tables
import mentoring.identity.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_country_and_video_links"),
        ("mentoring_sessions", "0007_goals_are_set"),
        ("pairing", "0006_rests_and_partings"),
        ("programs", "0006_a_role_may_come_after_another"),
    ]

    operations = [
        migrations.CreateModel(
            name="Election",
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
                    "description",
                    models.TextField(max_length=1000, verbose_name="what the role asks for"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("nominating", "Nominations"),
                            ("reasons", "Reasons in turn"),
                            ("changes", "Change round"),
                            ("consent", "Consent"),
                            ("elected", "Elected"),
                            ("ended", "Ended without a result"),
                        ],
                        default="nominating",
                        max_length=12,
                    ),
                ),
                ("nominate_until", models.DateTimeField()),
                ("term_from", models.DateField()),
                ("term_until", models.DateField()),
                ("review_on", models.DateField()),
                ("lap", models.PositiveSmallIntegerField(default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opened_by",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                    "proposed",
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
                (
                    "role",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.meetingrole",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["nominating", "reasons", "changes", "consent"])
                        ),
                        fields=("organisation", "partnership", "role"),
                        name="election_one_open_per_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("term_until__gt", models.F("term_from")),
                            ("review_on__gt", models.F("term_from")),
                            ("review_on__lte", models.F("term_until")),
                        ),
                        name="election_term_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False), ("state__in", ["elected", "ended"])
                            ),
                            models.Q(
                                models.Q(("state__in", ["elected", "ended"]), _negated=True),
                                ("closed_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="election_closed_at_iff_closed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["consent", "elected"]), _negated=True),
                            ("proposed__isnull", False),
                            _connector="OR",
                        ),
                        name="election_proposes_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Nomination",
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
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="because")),
                (
                    "changed_reason",
                    models.CharField(blank=True, max_length=300, verbose_name="because"),
                ),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_to",
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
                (
                    "election",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nominations",
                        to="mentoring_sessions.election",
                    ),
                ),
                (
                    "nominee",
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
                        fields=("organisation", "election", "seat"), name="nomination_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ElectionVote",
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
                ("lap", models.PositiveSmallIntegerField()),
                ("consents", models.BooleanField()),
                (
                    "objection",
                    models.CharField(blank=True, max_length=300, verbose_name="objection"),
                ),
                ("voted_at", models.DateTimeField()),
                (
                    "election",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="mentoring_sessions.election",
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "election", "seat", "lap"),
                        name="election_vote_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consents", True),
                            models.Q(("objection", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="election_objection_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnOffer",
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
                        choices=[("swap", "Swap"), ("stand_in", "Stand-in")], max_length=10
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for an answer"),
                            ("accepted", "Agreed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Not answered in time"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="pairing.seat",
                    ),
                ),
                (
                    "giver",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
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
                    "return_role",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.meetingrole",
                    ),
                ),
                (
                    "return_session",
                    mentoring.identity.tenancy.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mentoring_sessions.session",
                    ),
                ),
                (
                    "role",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.meetingrole",
                    ),
                ),
                (
                    "session",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="mentoring_sessions.session",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "asked")),
                        fields=["organisation", "expires_at"],
                        name="turn_offer_by_expiry",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("organisation", "session", "role"),
                        name="turn_offer_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("giver", models.F("asked")), _negated=True),
                        name="turn_offer_of_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("return_role", None), ("return_session", None)),
                            models.Q(
                                ("return_role__isnull", False), ("return_session__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="turn_offer_return_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="turn_offer_answered_iff_closed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnDecline",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("workload", "Too much other work"),
                            ("not_ready", "I do not feel ready for it yet"),
                            ("too_often", "I had this role not long ago"),
                            ("other_role", "I would rather take another role"),
                            ("personal", "Personal reasons"),
                        ],
                        max_length=12,
                        verbose_name="why",
                    ),
                ),
                ("declined_at", models.DateTimeField()),
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
                    "role",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.meetingrole",
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
                    "session",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="declines",
                        to="mentoring_sessions.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "session", "role", "seat"), name="turn_decline_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeclineWords",
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
                ("text", models.CharField(max_length=300, verbose_name="to the circle")),
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
                    "decline",
                    mentoring.identity.tenancy.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="mentoring_sessions.turndecline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "decline"), name="decline_words_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="turn",
            name="buddy",
            field=mentoring.identity.tenancy.TenantForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="pairing.seat",
            ),
        ),
        migrations.AddField(
            model_name="turn",
            name="first_lead",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("buddy", None),
                    models.Q(
                        ("first_lead", True), models.Q(("buddy", models.F("seat")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="turn_buddy_of_a_first_lead",
            ),
        ),
        mentoring.identity.tables.TenantReference(
            model="Turn",
            field="buddy",
        ),
        mentoring.identity.tables.TenantTable(
            name="TurnOffer",
        ),
        mentoring.identity.tables.TenantTable(
            name="TurnDecline",
        ),
        mentoring.identity.tables.TenantTable(
            name="Election",
        ),
        mentoring.identity.tables.TenantTable(
            name="Nomination",
        ),
        mentoring.identity.tables.TenantTable(
            name="ElectionVote",
        ),
        mentoring.identity.tables.TenantTable(
            name="DeclineWords",
            private=True,
            with_parent=("decline", "partnership"),
        ),
    ]
