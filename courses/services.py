"""Writes to people and courses; each is one transaction."""

import logging
from datetime import timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from courses.models import Course, LatePolicy, OutgoingMail
from courses.policy.lateness import LateRule, rule_as_json

logger = logging.getLogger(__name__)
MAIL_ATTEMPTS = 20


@transaction.atomic
def create_late_policy(*, course: Course, rule: LateRule, reason: str = "") -> LatePolicy:
    """A new version of the late rule; earlier versions stay."""
    Course.objects.select_for_update().get(pk=course.pk)
    latest = LatePolicy.objects.filter(course=course).order_by("-version").first()
    version = latest.version + 1 if latest else 1
    return LatePolicy.objects.create(course=course, version=version, rule=rule_as_json(rule), reason=reason)


def send_waiting_mail(*, most: int = 50) -> int:
    """Send what waits and return how many went out. A mail that fails is tried again later, the others go on."""
    sent = 0
    waiting = OutgoingMail.objects.filter(sent_at=None, attempts__lt=MAIL_ATTEMPTS).values_list("pk", flat=True)[:most]
    for pk in list(waiting):
        sent += _send_one(pk)
    return sent


def _send_one(pk: int) -> bool:
    """Claimed by one conditional UPDATE, so that two workers never send it twice."""
    now = timezone.now()
    claimed = OutgoingMail.objects.filter(pk=pk, sent_at=None).update(sent_at=now, attempts=F("attempts") + 1)
    if not claimed:
        return False
    mail = OutgoingMail.objects.get(pk=pk)
    try:
        send_mail(mail.subject, mail.body, None, [mail.recipient])
    except OSError:
        logger.exception("A mail could not be sent", extra={"mail_id": pk})
        OutgoingMail.objects.filter(pk=pk).update(sent_at=None, created_at=now + timedelta(seconds=1))
        return False
    return True
