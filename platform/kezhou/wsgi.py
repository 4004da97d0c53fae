"""The WSGI application: what the web processes run."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhou.settings")

application = get_wsgi_application()


def _warm_up() -> None:
    """Load the pinyin readings beside the first requests, so that nobody's first save waits for them."""
    from kezhou.records.fields.pinyin import sort_key  # needs the apps

    sort_key("客舟")


threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
