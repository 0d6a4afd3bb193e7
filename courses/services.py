"""Writes to people and courses; each is one transaction."""

import logging
from dataclasses import replace
from datetime import timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from courses.history.services import COURSE, LATE_RULE, Change, record_changes
from courses.models import Course, Enrolment, LatePolicy, OutgoingMail
from courses.policy.late_rule_json import rule_as_json
from courses.policy.lateness import LateRule
from courses.policy.words import rule_sentence

logger = logging.getLogger(__name__)
MAIL_ATTEMPTS = 20
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


class PolicyOutdated(Exception):
    """Somebody else has changed the late rule since it was looked at."""


@transaction.atomic
def create_late_policy(
    *, course: Course, rule: LateRule, reason: str = "", based_on: int | None = None, by: Enrolment | None = None
) -> LatePolicy:
    """A new version of the late rule; earlier versions stay. `by`: who wants it, for the history of settings.

    Raises PolicyOutdated if the version that holds (0: none) is not the one this is `based_on`.
    """
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    latest = LatePolicy.objects.filter(course=course).order_by("-version").first()
    if based_on not in (None, latest.version if latest else 0):
        raise PolicyOutdated
    version = latest.version + 1 if latest else 1
    if by is not None:
        said = Change("Late rule", "", rule_sentence(latest.parsed) if latest else "", rule_sentence(rule))
        record_changes(by=by, topic=LATE_RULE, changes=[said], reason=reason)
    return LatePolicy.objects.create(course=course, version=version, rule=rule_as_json(rule), reason=reason)


def rename_in_late_rule(*, course: Course, old: str, new: str) -> None:
    """An item without slip days stays one when its short name changes."""
    policy = LatePolicy.objects.filter(course=course).order_by("-version").first()
    if policy is None or policy.parsed.slip_days is None or old not in policy.parsed.slip_days.not_on:
        return
    slip = policy.parsed.slip_days
    names = tuple(new if name == old else name for name in slip.not_on)
    rule = replace(policy.parsed, slip_days=replace(slip, not_on=names))
    create_late_policy(course=course, rule=rule, reason=f"The short name {old} became {new}.")


@transaction.atomic
def publish_course(*, course: Course, is_published: bool, by: Enrolment) -> None:
    """Whether its students see it. Nothing that was handed in or released changes."""
    was, is_now = ("yes" if shown else "no" for shown in (course.is_published, is_published))
    Course.objects.filter(pk=course.pk).update(is_published=is_published)
    record_changes(by=by, topic=COURSE, changes=[Change(str(course), "Shown to students", was, is_now)])


def send_waiting_mail(*, most: int = 50) -> int:
    """Send what waits and return how many went out. A mail that fails is tried again, ever later; the others go on."""
    waiting = OutgoingMail.objects.filter(sent_at=None, next_try_at__lte=timezone.now(), attempts__lt=MAIL_ATTEMPTS)
    return sum(_send_one(mail) for mail in waiting[:most])


def _send_one(mail: OutgoingMail) -> bool:
    """Taken by one conditional UPDATE that also sets the next try, so that two workers never send it at once."""
    pause = min(FIRST_PAUSE * 2**mail.attempts, LONGEST_PAUSE)
    mine = OutgoingMail.objects.filter(pk=mail.pk, sent_at=None, attempts=mail.attempts)
    if not mine.update(attempts=F("attempts") + 1, next_try_at=timezone.now() + pause):
        return False
    try:
        send_mail(mail.subject, mail.body, None, [mail.recipient])
    except (OSError, ValueError):
        logger.exception("A mail could not be sent", extra={"mail_id": mail.pk})
        return False
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    return True
