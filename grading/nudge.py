"""The doorbell: tells the workers that a run waits. A broken bell is logged, and the sweep rings again."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring(run_id: int, queue: str) -> None:
    """Never raises: a hand-in succeeds whether or not the broker answers. `queue`: of the assignment."""
    try:
        current_app.send_task("grading.autograde", kwargs={"run_id": run_id}, queue=queue, retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker did not answer; the sweep will ring again", extra={"run_id": run_id})
