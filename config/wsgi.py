"""The web process's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What stands now is never looked through again; and a large page makes and drops a million objects: at Python's own
# threshold of 700 all that it holds would be looked through often.
gc.freeze()
gc.set_threshold(50_000, 20, 50)
