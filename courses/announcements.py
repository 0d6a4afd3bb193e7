"""Announcements: told on the course's pages and by mail."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from courses.mails import write_mails
from courses.models import Announcement, Enrolment, Role, Section

LONGEST = 20_000


def announcements_for(viewer: Enrolment) -> QuerySet[Announcement]:
    """What this person was told, newest first. Students: the whole course's and their sections'."""
    told = Announcement.objects.filter(course=viewer.course)
    if not viewer.sees_all_sections:
        told = told.filter(Q(section=None) | Q(section__in=viewer.sections.all()))
    return told.select_related("author__user", "section")


def announcement_or_404(viewer: Enrolment, announcement: int) -> Announcement:
    """One that the viewer may take back: their own, or any for lecturers."""
    found = announcements_for(viewer).filter(pk=announcement).first()
    if found is None or not (viewer.is_lecturer or found.author_id == viewer.pk):
        raise Http404("No such announcement")
    return found


@transaction.atomic
def post_announcement(
    *, by: Enrolment, title: str, text: str, section: Section | None = None, by_mail: bool = True
) -> Announcement:
    """Tell the course or one section, and write the mails. Students of an unpublished course get none."""
    announcement = Announcement.objects.create(course=by.course, author=by, title=title, text=text, section=section)
    if by_mail:
        _write_mails(announcement, _told(announcement))
    return announcement


def _told(announcement: Announcement) -> QuerySet[Enrolment]:
    """Everybody concerned but the author."""
    people = Enrolment.objects.filter(course=announcement.course, left_at=None).exclude(pk=announcement.author_id)
    if announcement.section is not None:
        people = people.filter(Q(sections=announcement.section) | Q(role__gte=Role.LAB_INSTRUCTOR))
    if not announcement.course.is_published:
        people = people.filter(role__gt=Role.STUDENT)
    return people.select_related("user").distinct().order_by("pk")


def _write_mails(announcement: Announcement, people: Iterable[Enrolment]) -> None:
    course = announcement.course
    address = settings.BASE_URL + reverse("announcement-list", args=[course.slug])
    body = f"{announcement.text}\n\n{announcement.author.user}, {course}\n{address}\n"
    write_mails((person.user for person in people), f"{course}: {announcement.title}", body)
