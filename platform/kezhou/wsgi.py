"""The WSGI application: what the web processes run."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from kezhou.finding.noting import NOTES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")

application = get_wsgi_application()
NOTES.write_behind()

# What was loaded stays for good: the collector need not look through it again and again. Nearly all that a request makes goes when the
# last name of it goes; looking for rings after each 700 objects was a fifth of the CPU of a search. A ring waits for some fifty requests now.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 10, 20)
