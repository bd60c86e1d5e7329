"""The web process: gunicorn serves `application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
application = get_wsgi_application()

from mentoring.monitoring import report_errors  # noqa: E402  it needs the settings

report_errors()
