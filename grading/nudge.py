"""The doorbell: tells the workers that something waits. A broken bell is logged, and the sweep rings again."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring(run_id: int, queue: str) -> None:
    """A run waits. `queue`: of the assignment."""
    _send("grading.autograde", queue, run_id=run_id)


def ring_comparison(report_id: int) -> None:
    """A comparison of notebooks waits."""
    _send("grading.compare", "grading", report_id=report_id)


def _send(task: str, queue: str, **keys: int) -> None:
    """Never raises: a hand-in succeeds whether or not the broker answers."""
    try:
        current_app.send_task(task, kwargs=keys, queue=queue, retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker did not answer; the sweep will ring again", extra=keys)
