"""The addresses of the demo: the house's own, and the mail that it has sent."""

from django.urls import include, path

from mentoring.urls import (
    handler400,
    handler403,
    handler404,
    handler500,
)
from mentoring.urls import (
    urlpatterns as house,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*house, path("_mail/", include("devtools.mail_page"))]
