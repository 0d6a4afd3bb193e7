"""The worker's entry: Celery with Django's settings and, when embedded, a broker made of files."""

import os

from celery import Celery

from config.broker import register_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
register_transport()
app = Celery("gradus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
