"""Programs: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from programs.community import urls as community
from programs.interchange import views as interchange
from programs.profiles import urls as profiles
from programs.selection import views as selection
from programs.training import urls as training
from programs.views import (
    agenda,
    chats,
    chosen,
    cohorts,
    imports,
    join,
    people,
    programs,
    setup,
    staff,
    texts,
    tokens,
)
from programs.views.parts import PARTS, edit_part, new_part, remove_part

app_name = "programs"

# programs/<program_id>/
program_urls = [
    path("", programs.program, name="program"),
    path("design/", programs.design, name="design"),
    *(
        path(f"setup/{step}/", setup.set_up, {"step": step}, name=f"set_up_{step}")
        for step in setup.STEPS
        if step != "training"
    ),
    path("setup/training/", setup.set_up_training, name="set_up_training"),
    path("design.json", interchange.export_design, name="export_design"),
    path("questions/", setup.question_bank, name="question_bank"),
    path("preview/", setup.preview_enrolment, name="preview_enrolment"),
    path("design/agenda/", agenda.edit_agenda, name="edit_agenda"),
    path("design/season/", agenda.edit_season, name="edit_season"),
    path("design/weights/", programs.set_weights, name="set_weights"),
    *(
        path(f"design/{part.folder}/new/", new_part, {"part": part}, name=f"new_{part.noun}")
        for part in PARTS
    ),
    path("cohorts/new/", cohorts.new_cohort, name="new_cohort"),
    path("staff/", staff.program_staff, name="program_staff"),
    path("staff/<uuid:member_id>/remove/", staff.remove_staff, name="remove_staff"),
    path("staff/<uuid:member_id>/all/", staff.mark_runs_all, name="mark_runs_all"),
    path("texts/", texts.program_texts, name="texts"),
    path("texts/<str:kind>/<slug:case>/", texts.program_text, name="text"),
    path("tokens/", tokens.program_tokens, name="tokens"),
    path("chats/", chats.program_chats, name="chats"),
    path("chats/<uuid:webhook_id>/test/", chats.test_chat, name="test_chat"),
    path("chats/<uuid:webhook_id>/remove/", chats.remove_chat, name="remove_chat"),
    path("duplicate/", programs.duplicate_program, name="duplicate_program"),
    path("archive/", programs.archive_program, name="archive_program"),
    path("unarchive/", programs.unarchive_program, name="unarchive_program"),
]

# design/: one part of a design, by names such as edit_competency and remove_meeting_role
part_urls = [
    path(
        f"{part.folder}/<uuid:{part.noun}_id>/{end}",
        view,
        {"part": part},
        name=f"{verb}_{part.noun}",
    )
    for part in PARTS
    for verb, end, view in (("edit", "", edit_part), ("remove", "remove/", remove_part))
]

# cohorts/<cohort_id>/
cohort_urls = [
    path("", cohorts.cohort, name="cohort"),
    path("edit/", cohorts.edit_cohort, name="edit_cohort"),
    path("mentor/", selection.candidacy, name="candidacy"),
    path("move/", cohorts.move_cohort, name="move_cohort"),
    path("move/undo/", cohorts.undo_move, name="undo_move"),
    path("people/", people.cohort_people, name="cohort_people"),
    path("people/enrol/", people.enrol_person, name="enrol_person"),
    path("people/decide/", people.decide_people, name="decide_people"),
    path("people/remind/", people.remind_unanswered, name="remind_unanswered"),
    path("people.csv", people.people_csv, name="people_csv"),
    path("join/", join.join, name="join"),
    path("join/leave/", join.leave, name="leave"),
    path("join/leave/undo/", join.undo_leave, name="undo_leave"),
    path("join/expectations/", join.accept_expectations, name="accept_expectations"),
    path("join/pause/", join.pause, name="pause_place"),
    path("join/resume/", join.resume, name="resume_place"),
    path("join/shown/", join.set_shown, name="set_shown"),
]

# enrolments/<enrolment_id>/
enrolment_urls = [
    path("", people.enrolment, name="enrolment"),
    path("pause/", people.pause_enrolment, name="pause_enrolment"),
    path("resume/", people.resume_enrolment, name="resume_enrolment"),
    *(
        path(f"{decision}/", people.decide, {"decision": decision}, name=f"{decision}_enrolment")
        for decision in people.DECISIONS
    ),
]

# people/imports/
import_urls = [
    path("", imports.people_imports, name="people_imports"),
    path("new/", imports.new_import, name="new_import"),
    path("<uuid:import_id>/", imports.people_import, name="people_import"),
    path("<uuid:import_id>/columns/", imports.map_import, name="map_import"),
    path("<uuid:import_id>/letters/", imports.read_import_again, name="read_import_again"),
    path("<uuid:import_id>/again/", imports.plan_import_again, name="plan_import_again"),
    path("<uuid:import_id>/answer/", imports.answer_row, name="answer_row"),
    path("<uuid:import_id>/undo/", imports.undo_import, name="undo_import"),
    path("<uuid:import_id>/apply/", imports.apply_import, name="apply_import"),
    path("<uuid:import_id>/problems.csv", imports.import_problems_csv, name="import_problems_csv"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *training.urlpatterns,
    path("programs/", programs.programs, name="programs"),
    path("programs/new/", programs.new_program, name="new_program"),
    path("programs/import/", interchange.new_from_file, name="import_design"),
    path("programs/<uuid:program_id>/", include(program_urls)),
    path("design/", include(part_urls)),
    *(
        path(
            f"design/questions/<uuid:question_id>/{way}/",
            setup.move_question,
            {"way": way},
            name=f"move_question_{way}",
        )
        for way in ("up", "down")
    ),
    path("design/questions/<uuid:question_id>/to/", setup.drop_question, name="move_question_to"),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("enrolments/<uuid:enrolment_id>/", include(enrolment_urls)),
    path("people/imports/", include(import_urls)),
    path("people/enrol/", chosen.enrol_chosen, name="enrol_chosen"),
    *profiles.urlpatterns,
    *community.urlpatterns,
]
# /l/<purpose>/<token>/: signed links, no sign-in
public_urlpatterns: list[URLPattern] = [
    path("l/manager/<str:token>/", selection.manager, name="manager"),
]
