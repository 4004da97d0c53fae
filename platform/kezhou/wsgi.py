"""The WSGI application: what the web processes run."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")

application = get_wsgi_application()
