"""Each row of the life cycles, and the tests that are it: the table that `test_rows.py` checks.

A name without a dot is a test of this folder's module of that chapter; others are named by their
module below `tests`.
"""

from __future__ import annotations

ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "people": {
        "invited": (
            "test_invited_the_email_names_all_that_somebody_wants_to_know",
            "test_who_has_not_accepted_is_reminded_with_a_fresh_link_and_nobody_else",
        ),
        "accepts": (
            "test_accepting_makes_live_and_asks_for_expectations_next",
            "core.accounts.test_first_proof.test_what_was_set_before_the_first_proof_is_gone",
        ),
        "read from a file or by SCIM": (
            "test_read_from_a_file_who_is_known_stays_the_same_and_a_conflict_is_one_line",
            "test_read_by_scim_who_is_known_stays_the_same_and_who_has_left_is_not_revived_silently",
            "programs.test_import_life.test_who_has_left_is_asked_about_and_comes_back_by_an_invitation",
            "programs.test_import_life.test_an_import_is_undone_within_a_day",
        ),
        "left": (
            "test_left_everything_ends_at_once_and_the_partners_are_told_once",
            "test_left_who_shared_two_partnerships_hears_of_it_in_one_email",
            "test_left_within_a_day_of_a_session_a_stand_in_is_asked",
            "test_left_what_a_coordinator_looked_after_passes_to_somebody_named",
            "test_left_rows_stay_readable_by_hr",
            "test_left_a_tombstone_stands_for_who_is_erased",
            "test_let_go_by_scim_everything_ends_as_if_by_hand",
            "test_the_last_owner_cannot_leave_or_be_demoted",
            "agreements.test_followed.test_a_shared_goal_begins_when_only_who_has_left_had_not_said_yes",
            "agreements.test_followed.test_nominations_do_not_wait_for_who_has_left",
            "sessions.test_polls.test_who_has_left_is_waited_for_no_more",
        ),
        "comes back": ("test_comes_back_by_a_new_invitation_and_what_was_closed_stays_closed",),
        "manager changes": (
            "test_a_manager_change_that_puts_a_reporting_line_in_a_partnership_is_on_the_list",
        ),
        "two Members are one person": ("test_two_who_are_one_person_are_merged_when_both_say_so",),
    },
    "enrolment": {
        "applies": (
            "test_who_applies_gets_a_confirmation_and_stands_on_the_coordinators_home",
            "programs.test_cohort_life.test_who_is_undecided_when_it_runs_waits_and_is_told",
        ),
        "accepted, declined, waitlisted": (
            "test_decided_the_person_is_told_at_once_with_the_coordinators_words",
        ),
        "waitlisted": (
            "test_waitlisted_who_is_first_moves_up_when_a_place_is_freed",
            "test_waitlisted_comes_ahead_of_everybody_new_in_the_next_cohort",
            "programs.test_enrolment_life.test_nobody_goes_ahead_of_who_waits_unless_a_coordinator_says_so",
        ),
        "entered by import or by hand": (
            "test_entered_by_hand_somebody_is_told_and_asked_for_what_is_missing",
            "programs.test_enrolment_life.test_expectations_are_asked_of_everybody_per_part_and_again_when_they_change",
        ),
        "answers change": (
            "test_answers_change_until_the_cohort_is_closed_and_published_partnerships_stay",
        ),
        "not this month": (
            "test_not_this_month_is_a_break_in_a_circle_that_ends_by_itself",
            "test_not_this_month_is_said_in_one_email",
            "sessions.test_polls.test_who_takes_a_break_is_neither_waited_for_nor_reminded",
        ),
        "withdrawn": (
            "test_withdrawn_within_a_day_it_is_undone_and_the_same_people_are_told",
            "test_a_coordinators_act_is_never_stored_as_the_persons_wish",
        ),
        "left over after publishing": (
            "test_left_over_after_publishing_is_told_why_and_goes_first_in_the_next_run",
        ),
        "completed": (
            "test_completed_when_the_last_partnership_of_it_is_over_and_one_was_completed",
            "programs.test_enrolment_life.test_a_mentee_who_completes_is_invited_to_mentor_where_a_cohort_of_the_program_enrols",
        ),
        "finished": (
            "programs.test_cohort_life.test_closed_finishes_who_never_completed_and_is_undone_within_the_day",
        ),
    },
    "cohort": {
        "moved by a person or on its date": (
            "test_publishing_never_moves_the_phase_ahead_of_the_date",
            "programs.test_cohort_life.test_dates_move_a_cohort_where_nothing_asks_and_else_it_tops_the_list",
        ),
        "rolling": (
            "programs.test_enrolment_life.test_a_rolling_cohort_is_joined_while_it_runs_and_again_after_completing",
            "pairing.test_runs.test_publishing_twice_in_a_rolling_cohort_matches_only_who_has_come_since",
        ),
        "open, by application, by invitation; eligible by rules": (
            "programs.test_enrolment_life.test_enrolment_is_open_by_application_or_by_invitation",
            "programs.test_enrolment_life.test_who_does_not_fit_the_rules_reads_which_and_is_not_offered_it",
        ),
        "enrolling": ("test_before_enrolling_the_launch_check_names_what_is_missing",),
        "running": ("test_running_with_nobody_partnered_asks",),
        "closing": (
            "test_closing_partners_are_told_once",
            "test_closing_a_survey_is_asked_at_the_end_date_and_outlives_closed",
        ),
        "closed": (
            "test_closed_everything_open_ends_and_leaves_calendars",
            "test_reopened_within_the_day_sessions_come_back_with_the_next_sequence",
            "test_closed_a_day_later_certificates_follow",
            "test_closed_who_never_met_gets_no_certificate",
        ),
        "called off": ("test_called_off_everybody_is_told_with_the_coordinators_words",),
        "dates changed": (
            "test_dates_changed_the_partnerships_outside_are_named_and_may_move_too",
        ),
    },
    "partnership": {
        "published": (
            "test_published_both_sides_are_told_why_and_what_is_next",
            "test_a_publication_is_undone_within_a_day_while_nobody_has_met",
        ),
        "somebody is seated": ("test_somebody_is_seated_in_a_running_circle",),
        "moved": ("test_somebody_moves_from_one_circle_to_another_as_one_act",),
        "two circles join": ("test_two_circles_join_and_one_name_charter_and_calendar_stays",),
        "seat vacated": (
            "test_a_seat_is_vacated_and_the_others_share_the_turns_to_come",
            "test_a_circle_under_its_size_is_on_the_coordinators_list",
        ),
        "paused": (
            "test_a_circle_pauses_and_goes_on_by_itself",
            "test_a_pair_pauses_by_either_and_all_comes_back_when_it_is_resumed",
            "agreements.test_followed.test_a_circle_that_has_decided_to_pause_rests_until_that_day",
        ),
        "ended, lapsed, completed": (
            "test_ended_what_is_to_come_is_off_and_what_is_open_is_closed_with_a_word",
            "feedback.test_endings.test_warned_at_60_days_and_lapsed_30_days_after_that_with_one_email_each",
            "pairing.test_going_on.test_it_goes_on_until_the_earliest_day_when_both_wish_it",
        ),
        "read later": (
            "test_who_has_left_reads_what_was_written_while_they_were_there",
            "test_who_has_left_reads_nothing_that_was_written_after",
            "test_place_and_video_link_are_for_those_who_come",
        ),
    },
    "session": {
        "reminder and alarm": (
            "test_the_day_before_everybody_is_reminded_in_their_own_zone",
            "test_the_event_brings_an_alarm_of_its_own",
        ),
        "asked to record, missed, corrected": (
            "test_the_facilitator_is_asked_that_evening_and_once_more_two_days_later_to_record",
            "test_what_nobody_recorded_for_a_week_is_missed_and_correctable_for_thirty_days",
            "test_corrected_below_two_it_is_missed_and_both_are_told",
            "test_present_is_preset_only_for_who_said_yes",
        ),
        "two at once": (
            "test_a_plan_that_puts_somebody_into_two_sessions_at_once_says_so_before_it_is_saved",
        ),
        "moved and cancelled": (
            "test_moved_it_keeps_its_place_in_calendars_with_the_next_sequence",
            "test_cancelled_it_leaves_calendars_with_a_named_cause",
        ),
        "a changed zone": (
            "test_a_changed_zone_changes_what_a_person_reads_and_of_an_organisation_what_is_planned",
        ),
    },
    "organisation": {
        "opened": ("test_opened_by_whoever_has_proved_a_mailbox",),
        "closed": ("test_closed_by_an_owner_everything_ends_and_is_deleted_thirty_days_later",),
        "a changed slug": ("test_a_changed_slug_redirects_for_a_year",),
    },
}
