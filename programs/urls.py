"""Programs: addresses below /o/<organisation>/, and public links."""

from django.urls import URLPattern, URLResolver, include, path

from programs.views import agenda, cohorts, imports, join, people, programs
from programs.views.parts import PARTS, edit_part, new_part, remove_part

app_name = "programs"

# programs/<program_id>/
program_urls = [
    path("", programs.program, name="program"),
    path("design/", programs.design, name="design"),
    path("design/agenda/", agenda.edit_agenda, name="edit_agenda"),
    path("design/weights/", programs.set_weights, name="set_weights"),
    *(
        path(f"design/{part.folder}/new/", new_part, {"part": part}, name=f"new_{part.noun}")
        for part in PARTS
    ),
    path("cohorts/new/", cohorts.new_cohort, name="new_cohort"),
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
    path("move/", cohorts.move_cohort, name="move_cohort"),
    path("people/", people.cohort_people, name="cohort_people"),
    path("people/enrol/", people.enrol_person, name="enrol_person"),
    path("people/decide/", people.decide_people, name="decide_people"),
    path("people/invite/", people.invite_people, name="invite_people"),
    path("people.csv", people.people_csv, name="people_csv"),
    path("join/", join.join, name="join"),
    path("join/leave/", join.leave, name="leave"),
    path("join/shown/", join.set_shown, name="set_shown"),
]

# enrolments/<enrolment_id>/
enrolment_urls = [
    path("", people.enrolment, name="enrolment"),
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
    path("<uuid:import_id>/apply/", imports.apply_import, name="apply_import"),
    path("<uuid:import_id>/problems.csv", imports.import_problems_csv, name="import_problems_csv"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("programs/", programs.programs, name="programs"),
    path("programs/new/", programs.new_program, name="new_program"),
    path("programs/<uuid:program_id>/", include(program_urls)),
    path("design/", include(part_urls)),
    path("cohorts/<uuid:cohort_id>/", include(cohort_urls)),
    path("enrolments/<uuid:enrolment_id>/", include(enrolment_urls)),
    path("people/imports/", include(import_urls)),
]
public_urlpatterns: list[URLPattern] = []
