"""Topics: proposed, talked about, decided by those who teach, and read by the others as far as the project says."""

import pytest

from courses.models import OutgoingMail
from projects.models import Topic
from projects.topics.services import TopicRefused, propose_topic, say
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
TOPICS = "/courses/dl/project/topics/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


def states_of(topic):
    return [message.state for message in topic.messages.all()]


def test_from_proposal_to_approval_everybody_hears_of_it(world, owls):
    topic = propose_topic(group=owls, by=world.student, title="Leaves", text="We look at leaves.")
    assert set(OutgoingMail.objects.values_list("recipient", flat=True)) == {world.ta.user.email}

    say(topic=topic, by=world.ta, text="Which data?", state="to_discuss")
    say(topic=topic, by=world.classmate, text="Those of the garden.")
    say(topic=topic, by=world.lecturer, text="", state="approved")

    topic.refresh_from_db()
    assert topic.state == "approved"
    assert states_of(topic) == ["proposed", "to_discuss", "", "approved"]
    assert OutgoingMail.objects.filter(recipient=world.classmate.user.email).count() == 2
    assert OutgoingMail.objects.filter(recipient=world.ta.user.email).count() == 2


def test_another_title_is_a_new_proposal_and_the_same_is_none(world, owls):
    topic = propose_topic(group=owls, by=world.student, title="Leaves", text="x")
    say(topic=topic, by=world.ta, text="", state="approved")

    propose_topic(group=owls, by=world.student, title="Leaves", text="x")
    topic.refresh_from_db()
    assert topic.state == "approved"
    propose_topic(group=owls, by=world.classmate, title="Roots", text="x")
    topic.refresh_from_db()
    assert (topic.title, topic.state) == ("Roots", "proposed")
    assert topic.messages.last().text == "Changed to: Roots"


def test_without_a_ta_of_the_section_the_lecturer_is_told(world, owls):
    world.ta.sections.clear()

    propose_topic(group=owls, by=world.student, title="Leaves", text="")

    assert OutgoingMail.objects.get().recipient == world.lecturer.user.email


@pytest.mark.parametrize(
    ("who", "text", "state", "said"),
    [
        ("student", "Yes!", "approved", "Only a TA or the lecturer decides"),
        ("ta", "", "to_discuss", "Say what is to be discussed"),
        ("ta", "", "", "Write something first"),
        ("ta", "x", "nonsense", "Only a TA or the lecturer decides"),
    ],
)
def test_what_cannot_be_said(world, owls, who, text, state, said):
    topic = propose_topic(group=owls, by=world.student, title="Leaves", text="")

    with pytest.raises(TopicRefused, match=said):
        say(topic=topic, by=getattr(world, who), text=text, state=state)
    assert Topic.objects.get().state == "proposed"


def test_the_page_of_a_topic(client, world, owls):
    page = f"{TOPICS}{owls.pk}/"

    as_person(client, world.student).post(page, {"propose": "1", "title": "Leaves", "text": "*Green* ones"})
    client.post(page, {"text": "Is this enough?"})
    said = words_of(as_person(client, world.ta).get(page))
    assert "Green ones" in said
    assert "Is this enough?" in said
    client.post(page, {"text": "Yes.", "state": "approved"})

    assert "Approved" in words_of(as_person(client, world.classmate).get(page))
    assert client.post(page, {"propose": "1", "title": ""}).status_code == 422
    assert client.post(page, {"text": "Me too", "state": "to_discuss"}).status_code == 422


def test_the_board_shows_others_topics_by_setting_and_never_their_thread(client, world, project, owls):
    bees = groups.make_group(project, groups.Enrolment.objects.get(pk=world.stranger.pk), name="Bees")
    propose_topic(group=owls, by=world.student, title="Leaves", text="secret plan")

    outsider = groups.make_group(project, world.other_ta, name="Cats")
    reader = as_person(client, world.classmate)
    assert "Leaves" in words_of(reader.get(TOPICS))
    assert reader.get(f"{TOPICS}{bees.pk}/").status_code == 404
    project.topics_hidden = True
    project.save()
    said = words_of(reader.get(TOPICS))
    assert "Owls" in said
    assert "Bees" not in said
    assert outsider.name not in said


def test_staff_see_topics_of_their_groups(client, world, project, owls):
    propose_topic(group=owls, by=world.student, title="Leaves", text="")

    assert "Leaves" in words_of(as_person(client, world.ta).get(TOPICS))
    assert "Leaves" not in words_of(as_person(client, world.other_ta).get(TOPICS))
    assert client.get(f"{TOPICS}{owls.pk}/").status_code == 404
