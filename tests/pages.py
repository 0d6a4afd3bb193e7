"""Reading pages in tests: signing in, addresses, text as a person reads it."""

import html
import re

from assignments.models import Submission
from courses.models import Enrolment

NUMBERS = "/courses/dl/assignments/numbers/"


def text_of(answer) -> str:
    """The page with its markup, white space folded."""
    return " ".join(answer.content.decode().split())


def words_of(answer) -> str:
    """What a person reads: no markup, no entities, white space folded."""
    body = answer.content.decode().partition("<body>")[2] or answer.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def as_person(client, enrolment: Enrolment):
    """The client, signed in as this person."""
    client.force_login(enrolment.user)
    return client


def address_of(submission: Submission, tail: str = "") -> str:
    """The address of a submission's page, or of one below it."""
    return f"{NUMBERS}submissions/{submission.student_id}/{submission.number}/{tail}"
