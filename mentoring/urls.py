"""Every address of Roundtable: rooms below /o/<organisation>/, public links outside."""

from django.urls import URLPattern, URLResolver, include, path

from agreements import urls as agreements_urls
from core.accounts import urls as accounts_urls
from core.accounts.scim import urls as scim_urls
from core.accounts.sso import urls as sso_urls
from core.jobs import urls as jobs_urls
from core.members.requests import documentation
from core.notifications import urls as notifications_urls
from core.ui.specimen import kit
from feedback import urls as feedback_urls
from mentoring.exports import urls as exports_urls
from mentoring.home import views as home_views
from mentoring.people import urls as people_urls
from mentoring.privacy import urls as privacy_urls
from metrics import urls as metrics_urls
from pairing import urls as pairing_urls
from programs import urls as programs_urls
from sessions import urls as sessions_urls

ROOMS = (
    accounts_urls,
    notifications_urls,
    jobs_urls,
    programs_urls,
    pairing_urls,
    sessions_urls,
    agreements_urls,
    feedback_urls,
    metrics_urls,
    people_urls,
    privacy_urls,
    exports_urls,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home_views.front, name="front"),
    path("favicon.ico", home_views.favicon, name="favicon"),
    path("organisations/", home_views.organisations, name="organisations"),
    path("o/<slug:organisation>/", home_views.home, name="home"),
    *(path("o/<slug:organisation>/", include((room.urlpatterns, room.app_name))) for room in ROOMS),
    *(
        path("", include((room.public_urlpatterns, f"{room.app_name}_public")))
        for room in ROOMS
        if room.public_urlpatterns
    ),
    # ours come first: allauth's own sign-up would make a user before its mailbox is proved
    path("account/", include(accounts_urls.sign_in_urls)),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/", include("allauth.account.urls")),
    path("kit/", include(([path("", documentation(kit), name="kit")], "design"))),
    path("api/", include("mentoring.api")),
    path("scim/v2/", include(scim_urls)),
    path("sso/", include(sso_urls)),
]

handler400 = "mentoring.home.views.bad_request"
handler403 = "mentoring.home.views.forbidden"
handler404 = "mentoring.home.views.not_found"
handler500 = "mentoring.home.views.server_error"
