"""The same for groups: marks, notes, others' work, ballots and words on contributions change no byte that a member reads."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assignments.extensions import grant_extension, request_extension
from assignments.services import create_entered
from grading.notes.services import withdraw_note, write_note
from projects.ballots.services import exclude_ballot, save_ballot, set_vote, show_outcome
from projects.contributions.services import apply_factors, close_ratings, save_contribution
from projects.models import Talk, TalkList, Vote
from projects.talks.services import begin_talk, note_attendance
from projects.topics.services import propose_topic, say
from tests import entered, groups
from tests import factories as make
from tests.test_nothing_leaks import TOKEN, _clock_stands, readings  # noqa: F401  a fixture that holds here too

pytestmark = pytest.mark.django_db
PROJECT = "/courses/dl/project/"
GROUPS = "/courses/dl/groups/project/"
PROPOSAL, LAST = "/courses/dl/assignments/proposal/", "/courses/dl/assignments/presentation/"
TALKS = {"groups": 2, "minutes": 10, "ranked_by": "proposal", "others": "poster"}
BALLOT = {"least": 2, "highest_mark": 100, "lowest_mark": 60}


@pytest.fixture
def scene(world):
    """The student's group and two others handed in proposals; a vote is open; nothing is released."""
    project = groups.make_project(world.course, talks=TALKS, ballot=BALLOT, contribution_span=20)
    world.stage = groups.stage_of(project)
    world.last = groups.stage_of(project, "presentation")
    groups.make_criteria(world.stage, 60, 40)
    groups.make_criteria(world.last, 100)
    world.owls = groups.make_group(project, world.student, world.classmate, name="Owls")
    world.bees = groups.make_group(project, make.enrol(world.course, section=world.section), name="Bees")
    world.cats = groups.make_group(project, make.enrol(world.course, section=world.other_section), name="Cats")
    world.papers = {
        group: groups.make_deliverable(world.stage, group) for group in (world.owls, world.bees, world.cats)
    }
    world.item = create_entered(course=world.course, title="Peers")
    world.vote = set_vote(
        project=project, opens_at=timezone.now() - timedelta(hours=1), closes_at=timezone.now() + timedelta(hours=1)
    )
    world.vote.project = project
    talks = TalkList.objects.create(project=project, ranking=[], confirmed_by=world.lecturer)
    world.talk = Talk.objects.create(talk_list=talks, group=world.bees)
    world.cats_talk = Talk.objects.create(talk_list=talks, group=world.cats)
    own = f"{PROPOSAL}submissions/g{world.owls.pk}/1/"
    world.paths = [
        "/courses/dl/", "/courses/dl/grades/", PROJECT, GROUPS + "find/", PROJECT + "topics/", PROJECT + "talks/",
        PROJECT + "ballot/", PROJECT + "contribution/", PROPOSAL, LAST,
        "/courses/dl/assignments/proposal/more-time/", PROJECT + f"topics/{world.owls.pk}/",
        own, own + "receipt/", own + "file/", own + "pages/1.png", own + "review/",
        f"{PROPOSAL}submissions/g{world.bees.pk}/1/", f"{PROJECT}topics/{world.bees.pk}/",
        GROUPS, PROJECT + "vote/", PROJECT + "vote/screen/", PROJECT + "talks/choose/", PROJECT + "talks/day/",
        PROJECT + f"talks/{world.talk.pk}/", PROPOSAL + "submissions/", "/courses/dl/assignments/proposal/criteria/",
        PROJECT + "contributions/proposal/", "/courses/dl/assignments/proposal/extensions/",
    ]  # fmt: skip
    return world


def member(group):
    return group.memberships.select_related("student__user", "student__course").first().student


def mark_the_own_paper(world):
    groups.mark_group(world.stage, world.owls, world.ta, 12, 34, comment="Too wide.")


def write_notes_on_it(world):
    write_note(
        submission=world.papers[world.owls],
        by=world.ta,
        text="Here",
        anchor={"page": 1, "left": 1, "top": 2, "width": 30, "height": 40},
    )
    gone = write_note(submission=world.papers[world.owls], by=world.ta, text="There", anchor={"page": 1})
    withdraw_note(submission=gone.submission, by=world.ta, note=str(gone.pk))


def mark_another_group(world):
    groups.mark_group(world.stage, world.bees, world.ta, 60, 40, comment="Best of all.")


def another_group_replaces_and_asks(world):
    groups.make_deliverable(world.stage, world.bees, late=timedelta(hours=30))
    request_extension(
        assignment=world.stage, owner=world.bees, by=member(world.bees), wanted_until=timezone.now(), reason="Ill"
    )
    grant_extension(
        assignment=world.stage, group=world.cats, by=world.ta, due_at=world.stage.due_at + timedelta(days=9), reason="x"
    )


def others_talk_about_contributions(world):
    save_contribution(
        group=world.owls, student=world.classmate, statement="I did it all", ratings={world.student.pk: 0}
    )


def others_vote_and_one_is_left_out(world):
    for group, other in ((world.bees, world.cats), (world.cats, world.bees)):
        ballot = save_ballot(
            vote=world.vote, student=member(group), track="talk", ranked=[other.pk], unseen=[], at=timezone.now()
        )
    exclude_ballot(ballot=ballot, by=world.lecturer, reason="Filled in for a friend")


def a_talk_is_marked_and_somebody_was_away(world):
    groups.mark_group(world.last, world.bees, world.lecturer, 77)
    note_attendance(talk=world.talk, was_there={member(world.bees): False}, by=world.ta)


def a_talk_begins(world):
    begin_talk(talk=world.cats_talk, at=timezone.now())


def factors_are_made(world):
    """That the ratings are closed is told; what follows from them is not."""
    project = world.stage.groups.project
    close_ratings(project=project, closed=True)
    apply_factors(project=project, stage=world.stage, by=world.lecturer)
    close_ratings(project=project, closed=False)
    entered.enter(world.item, world.lecturer, world.student, 55)


CHANGES = [
    mark_the_own_paper, write_notes_on_it, mark_another_group, another_group_replaces_and_asks,
    others_talk_about_contributions, others_vote_and_one_is_left_out, a_talk_is_marked_and_somebody_was_away,
    a_talk_begins, factors_are_made,
]  # fmt: skip


def test_no_byte_that_a_member_can_reach_changes(client, scene):
    before = readings(client, scene)
    assert sum(read[0] == 200 for path, read in before.items() if path != "mails") == 16

    for change in CHANGES:
        change(scene)

    assert [path for path, read in readings(client, scene).items() if read != before[path]] == []


def test_staff_see_every_one_of_these_changes(client, scene):
    client.force_login(scene.lecturer.user)
    pages = (
        PROPOSAL + "submissions/", "/courses/dl/assignments/proposal/extensions/", PROJECT + "vote/",
        PROJECT + "contributions/proposal/", PROJECT + f"talks/{scene.talk.pk}/", PROJECT + "talks/day/",
        f"{PROPOSAL}submissions/g{scene.owls.pk}/1/review/", f"/courses/dl/marks/{scene.item.slug}/",
    )  # fmt: skip

    def look():
        return [TOKEN.sub(rb"\1\2", client.get(page).content) for page in pages]

    for change in CHANGES:
        before = look()
        change(scene)
        assert look() != before, change.__name__


def test_the_same_reading_sees_what_is_released_and_said(client, scene):
    mark_the_own_paper(scene)
    others_vote_and_one_is_left_out(scene)
    before = readings(client, scene)

    groups.release(scene.stage, scene.lecturer, scene.student, scene.classmate)
    topic = propose_topic(group=scene.owls, by=scene.classmate, title="Leaves", text="")
    say(topic=topic, by=scene.ta, text="Good.", state="approved")
    Vote.objects.update(opens_at=timezone.now() - timedelta(hours=3), closes_at=timezone.now() - timedelta(hours=1))
    show_outcome(vote=Vote.objects.get())

    changed = {path for path, read in readings(client, scene).items() if read != before[path]}
    own = f"{PROPOSAL}submissions/g{scene.owls.pk}/1/"
    assert {own, PROJECT, PROJECT + "ballot/", PROJECT + "topics/", "mails"} <= changed


def test_nothing_waits_for_a_member_where_staff_work(scene):
    assert groups.grade_of(scene.stage, scene.student).state == "review"
