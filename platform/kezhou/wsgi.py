"""The WSGI application: what the web processes run."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")

application = get_wsgi_application()

# What was loaded stays for good: the collector need not look through it again and again.
gc.collect()
gc.freeze()
