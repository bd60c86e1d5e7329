"""Community: addresses below /o/<organisation>/."""

from django.urls import URLPattern, URLResolver, include, path

from programs.community.views import announcements, discussions

# cohorts/<cohort_id>/community/
cohort_urls = [
    path("", discussions.community, name="community"),
    path("announce/", announcements.new_announcement, name="new_announcement"),
    path("search/", discussions.search, name="search_community"),
    path("threads/new/", discussions.new_thread, name="new_thread"),
    path("reports/", discussions.reports, name="reports"),
]

# announcements/<announcement_id>/
announcement_urls = [
    path("", announcements.announcement, name="announcement"),
    path("edit/", announcements.edit_announcement, name="edit_announcement"),
    path("drop/", announcements.drop_announcement, name="drop_announcement"),
    path("read/", announcements.read_announcement, name="read_announcement"),
]

# threads/<thread_id>/
thread_urls = [
    path("", discussions.thread, name="thread"),
    path("follow/", discussions.follow_thread, name="follow_thread"),
    path("unfollow/", discussions.unfollow_thread, name="unfollow_thread"),
    path("lock/", discussions.lock_thread, name="lock_thread"),
    path("unlock/", discussions.unlock_thread, name="unlock_thread"),
]

# posts/<post_id>/
post_urls = [
    path("", discussions.post, name="post"),
    path("edit/", discussions.edit_post, name="edit_post"),
    path("report/", discussions.report_post, name="report_post"),
    path("remove/", discussions.remove_post, name="remove_post"),
    path("keep/", discussions.keep_post, name="keep_post"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("community/", discussions.communities, name="communities"),
    path("cohorts/<uuid:cohort_id>/community/", include(cohort_urls)),
    path(
        "programs/<uuid:program_id>/announce/",
        announcements.new_program_announcement,
        name="new_program_announcement",
    ),
    path("announcements/<uuid:announcement_id>/", include(announcement_urls)),
    path("threads/<uuid:thread_id>/", include(thread_urls)),
    path("posts/<uuid:post_id>/", include(post_urls)),
]
