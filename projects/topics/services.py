"""Proposing a topic, talking about it, deciding it. Everybody concerned is told by mail."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from assignments.models import Assignment
from assignments.services import SubmissionRefused
from courses.mails import write_mails
from courses.models import Enrolment, Role
from groups.members.services import tell_group
from groups.models import Group
from projects.models import Project, Topic, TopicMessage


class TopicRefused(Exception):
    """It cannot be done like this; the message says why."""


@transaction.atomic
def propose_topic(*, group: Group, by: Enrolment, title: str, text: str) -> Topic:
    """A member says what the group works on. Another title or text is a new proposal, also of what was approved."""
    Group.objects.select_for_update(no_key=True, of=("self",)).get(pk=group.pk)
    topic = Topic.objects.filter(group=group).first()
    if topic is None:
        topic = Topic.objects.create(group=group, title=title, text=text)
        _say(topic, by, f"Proposed: {title}", Topic.State.PROPOSED)
    elif (topic.title, topic.text) != (title, text):
        said = f"Changed to: {title}" if topic.title != title else "The description was changed."
        topic.title, topic.text, topic.state = title, text, Topic.State.PROPOSED
        topic.save()
        _say(topic, by, said, Topic.State.PROPOSED)
    else:
        return topic
    _tell_staff(topic, by)
    return topic


@transaction.atomic
def say(*, topic: Topic, by: Enrolment, text: str, state: str = "") -> None:
    """A word in the thread; of staff perhaps with a decision. Raises TopicRefused."""
    if state and not (by.role >= Role.TA and state in Topic.State.values):
        raise TopicRefused("Only a TA or the lecturer decides on a topic.")
    if not text and not state:
        raise TopicRefused("Write something first.")
    if state == Topic.State.TO_DISCUSS and not text:
        raise TopicRefused("Say what is to be discussed.")
    topic = (
        Topic.objects.select_for_update(no_key=True, of=("self",))
        .select_related("group__group_set__course")
        .get(pk=topic.pk)
    )
    if state:
        topic.state = state
        topic.save()
    _say(topic, by, text or f"{topic.get_state_display()}.", state)
    if by.is_staff:
        subject = f"{topic.get_state_display()}: {topic.title}" if state else f"Your topic: {topic.title}"
        tell_group(topic.group, subject, f"{by.user} wrote about your topic.\n\n{text}\n\n{_address(topic)}\n")
    else:
        _tell_staff(topic, by)


def refuse_without_topic(assignment: Assignment, group: Group) -> None:
    """Where the project says so, the first stage waits for an approved topic. Raises SubmissionRefused."""
    project = Project.objects.filter(group_set=assignment.group_set_id, topic_blocks=True).first()
    first = project.stages.order_by("due_at", "pk").first() if project else None
    if first is None or first.pk != assignment.pk:
        return
    if not Topic.objects.filter(group=group, state=Topic.State.APPROVED).exists():
        raise SubmissionRefused(
            f"{assignment.title} waits for your topic: it must be approved first. Ask your TA on the topic's page."
        )


def _say(topic: Topic, by: Enrolment, text: str, state: str) -> None:
    TopicMessage.objects.create(topic=topic, author=by, text=text, state=state)


def _tell_staff(topic: Topic, by: Enrolment) -> None:
    """The TAs of the group's section; without one the lecturers."""
    staff = Enrolment.objects.filter(course=by.course_id, left_at=None)
    concerned = staff.filter(role=Role.TA, sections=topic.group.section_id) if topic.group.section_id else staff.none()
    people = list(concerned.select_related("user")) or list(staff.filter(role=Role.LECTURER).select_related("user"))
    body = f"{by.user} wrote about the topic of {topic.group.name}.\n\n{topic.title}\n\n{_address(topic)}\n"
    write_mails((person.user for person in people), f"Topic of {topic.group.name}: {topic.title}", body)


def _address(topic: Topic) -> str:
    course = topic.group.group_set.course.slug
    return settings.BASE_URL + reverse("topic-detail", args=[course, topic.group_id])
