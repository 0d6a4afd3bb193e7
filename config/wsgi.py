"""The web process's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
gc.freeze()  # what stands now stays: it is never looked through again
gc.set_threshold(
    50_000, 20, 50
)  # a large page makes and drops a million objects; Python's 700 looks through all of them often
