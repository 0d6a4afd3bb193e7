"""The worker's entry: Celery with Django's settings and, when embedded, a broker made of files."""

import os
import time

from celery import Celery
from celery.signals import heartbeat_sent

from config.broker import register_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
register_transport()
GRADING = {"grading", "gpu"}
BEAT_SECONDS = 15.0
_next = {"at": 0.0}
app = Celery("gradus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@heartbeat_sent.connect
def tell_that_this_worker_lives(**_: object) -> None:
    """Every quarter of a minute a grading worker writes that it lives and whether its sandbox is closed."""
    from grading.services import workers  # noqa: PLC0415  models are loaded only after this module

    if GRADING & set(app.amqp.queues.consume_from) and time.monotonic() > _next["at"]:
        _next["at"] = time.monotonic() + BEAT_SECONDS
        workers.record_worker()
