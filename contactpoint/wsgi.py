"""What the web server calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
application = get_wsgi_application()

from contactpoint.directory.keeping.guard import guard_connections  # noqa: E402

guard_connections()
