"""Every address of Roundtable: rooms below /o/<organisation>/, public doors outside."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from feedback import urls as feedback
from mentoring import health, home
from mentoring.accounts import urls as accounts
from mentoring.jobs import urls as jobs
from mentoring.notifications import urls as notifications
from metrics import urls as metrics
from pairing import urls as pairing
from programs import urls as programs
from sessions import urls as sessions

ROOMS = (accounts, notifications, jobs, programs, pairing, sessions, feedback, metrics)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.front, name="front"),
    path("organisations/", home.organisations, name="organisations"),
    path("o/<slug:organisation>/", home.home, name="home"),
    *(path("o/<slug:organisation>/", include((room.urlpatterns, room.app_name))) for room in ROOMS),
    *(
        path("", include((room.public_urlpatterns, f"{room.app_name}_public")))
        for room in ROOMS
        if room.public_urlpatterns
    ),
    path("account/", include("allauth.account.urls")),
    path("kit/", include("mentoring.design.urls")),
    path("api/", include("mentoring.api")),
    path("livez", health.livez, name="livez"),
    path("healthz", health.healthz, name="healthz"),
]

if settings.DEBUG:
    urlpatterns.append(path("_mail/", include("mentoring.mailroom")))

handler400 = "mentoring.home.bad_request"
handler403 = "mentoring.home.forbidden"
handler404 = "mentoring.home.not_found"
handler500 = "mentoring.home.server_error"
