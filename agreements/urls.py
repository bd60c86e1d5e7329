"""Decisions, charters and goals: addresses below /o/<organisation>/, and a public link."""

from django.urls import URLPattern, URLResolver, include, path

from agreements.charters import views as charters_views
from agreements.decisions.views import lists, page
from agreements.goals import views as goals_views
from agreements.together import views as together_views

app_name = "agreements"

# /o/<org>/partnerships/<partnership_id>/decisions/
partnership_decision_urls = [
    path("", lists.decisions, name="decisions"),
    path("new/", lists.new_decision, name="new_decision"),
    path("exercises/", lists.exercises, name="exercises"),
    path("exercises/<slug:exercise>/start/", lists.start_exercise, name="start_exercise"),
    path("in-room/", lists.decision_in_room, name="decision_in_room"),
    path("on-agenda/", lists.decisions_on_agenda, name="decisions_on_agenda"),
]

# /o/<org>/partnerships/<partnership_id>/charter/
charter_urls = [
    path("", charters_views.charter, name="charter"),
    path("begin/", charters_views.begin_charter, name="begin_charter"),
    path("sections/add/", charters_views.add_section, name="add_section"),
    path("sections/<uuid:section_id>/", charters_views.edit_section, name="edit_section"),
    path("sign/", charters_views.sign_charter, name="sign_charter"),
    path("object/", charters_views.object_to_charter, name="object_to_charter"),
]

# /o/<org>/partnerships/<partnership_id>/goals/
partnership_goal_urls = [
    path("", goals_views.goals, name="goals"),
    path("new/", goals_views.new_goal, name="new_goal"),
    path("close/", goals_views.agree_to_close, name="agree_to_close"),
]

# /o/<org>/goals/<goal_id>/
goal_urls = [
    path("", goals_views.goal, name="goal"),
    path("change/", goals_views.change_goal, name="change_goal"),
    path("take-on/", goals_views.take_on_goal, name="take_on_goal"),
    path("milestones/tick/", goals_views.tick_milestone, name="tick_milestone"),
    path("progress/", goals_views.record_progress, name="record_progress"),
    path("lead/", goals_views.lead_goal, name="lead_goal"),
    path("share/", goals_views.share_goal, name="share_goal"),
    path("met/", goals_views.declare_met, name="declare_met"),
    path("drop/", goals_views.drop_goal, name="drop_goal"),
]

# /o/<org>/decisions/<decision_id>/
decision_urls = [
    path("", page.decision, name="decision"),
    path("draft/", page.edit_draft, name="edit_draft"),
    path("discard/", page.discard_draft, name="discard_draft"),
    path("open/", page.open_decision, name="open_decision"),
    path("questions/ask/", page.ask_question, name="ask_question"),
    path("questions/<uuid:remark_id>/answer/", page.answer_question, name="answer_question"),
    path("reactions/start/", page.start_reactions, name="start_reactions"),
    path("react/", page.react, name="react"),
    path("amend/", page.amend, name="amend_decision"),
    path("voting/open/", page.open_voting, name="open_voting"),
    path("vote/", page.vote, name="vote"),
    path("objection/withdraw/", page.withdraw_objection, name="withdraw_objection"),
    path("close/", page.close_decision, name="close_decision"),
    path("withdraw/", page.withdraw_decision, name="withdraw_decision"),
    path("outcome/", page.agree_outcome, name="agree_outcome"),
    path("keep/", page.keep_decision, name="keep_decision"),
    path("reopen/", page.reopen_decision, name="reopen_decision"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("partnerships/<uuid:partnership_id>/decisions/", include(partnership_decision_urls)),
    path("partnerships/<uuid:partnership_id>/charter/", include(charter_urls)),
    path("partnerships/<uuid:partnership_id>/goals/", include(partnership_goal_urls)),
    path("partnerships/<uuid:partnership_id>/together/", together_views.together, name="together"),
    path("goals/<uuid:goal_id>/", include(goal_urls)),
    path("decisions/<uuid:decision_id>/", include(decision_urls)),
]
public_urlpatterns: list[URLPattern | URLResolver] = [
    path("l/vote/<str:token>/", page.open_vote, name="open_vote"),
]
