"""Who talks: the worked cases of the policy, ties, withdrawals, freezing, per section; the programme, the day, the sheets."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assignments.format_checks import rules_of
from assignments.models import Assignment, Extension, Submission
from assignments.selectors import histories
from courses.models import OutgoingMail
from courses.selectors import calendar_key_of
from projects.models import Attendance, Talk, TalkList, Topic
from projects.selectors import last_stage, project_of
from projects.talks.races import next_in_line, races
from projects.talks.selectors import current_talk, programme, speaking, talk_lists, talks_of_list
from projects.talks.services import (
    TalksRefused,
    begin_talk,
    confirm_talks,
    dissolve_talks,
    end_talk,
    freeze_talks,
    plan_talks,
    withdraw_talk,
)
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
TALKS = {"groups": 10, "minutes": 10, "ranked_by": "report", "others": "poster"}
WORKED = (95, 94, 93, 92, 91, 90, 89, 88, 87, 86, 86, 70)
CHOOSE = "/courses/dl/project/talks/choose/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course, talks=TALKS)


def marked(world, project, marks, *, late=timedelta(hours=-1), section=None):
    """One group for each mark, its report handed in and marked with it."""
    report = groups.stage_of(project, "report")
    if not report.criteria.exists():
        groups.make_criteria(report, 100)
    made = []
    for number, mark in enumerate(marks, start=1):
        student = make.enrol(world.course, section=section or world.section)
        group = groups.make_group(project, student, name=f"G{number:02d} {section or ''}".strip())
        groups.make_deliverable(report, group, late=late, content=groups.PAPER)
        if mark is not None:
            groups.mark_group(report, group, world.lecturer, mark)
        made.append(group)
    return made


def race_of(world, project):
    return races(project, list(world.course.sections.all()))[0]


def confirmed(world, project, *picked, reason=""):
    race = race_of(world, project)
    return confirm_talks(
        project=project,
        section=race.section,
        marks=race.marks,
        picked={g.pk for g in picked},
        by=world.lecturer,
        reason=reason,
    )


def names_of(talk_list):
    return [talk.group.name for talk in talks_of_list(talk_list)]


class TestWorkedCase:
    """Reports 95 94 93 92 91 90 89 88 87 86 86 70: ranks 10 and 11 tie, so nothing may be finalised."""

    def test_the_tie_is_shown_and_never_broken_silently(self, world, project):
        made = marked(world, project, WORKED)
        race = race_of(world, project)

        assert list(race.selection.chosen) == [g.pk for g in made[:9]]
        assert set(race.selection.tied) == {made[9].pk, made[10].pk}
        assert race.selection.seats == 1
        assert [(rank, where) for rank, _, where in race.rows][8:] == [
            (9, "chosen"), (10, "tied"), (10, "tied"), (12, "waiting"),
        ]  # fmt: skip
        with pytest.raises(TalksRefused, match="These have the same mark, and 1 place is left: G10, G11"):
            confirmed(world, project)
        assert not TalkList.objects.exists()

    def test_the_lecturer_decides_with_a_reason(self, world, project):
        made = marked(world, project, WORKED)

        with pytest.raises(TalksRefused, match="say why"):
            confirmed(world, project, made[10])
        found = confirmed(world, project, made[10], reason="Better figures.")

        assert names_of(found) == [f"G{n:02d}" for n in (*range(1, 10), 11)]
        assert speaking(project) == {group.pk for group in (*made[:9], made[10])}
        assert OutgoingMail.objects.filter(subject="Group project: Your group gives a talk").count() == 10
        assert OutgoingMail.objects.filter(subject="Group project: Your group makes a poster").count() == 2

    def test_the_raw_mark_ranks_and_lateness_does_not(self, world, project):
        late = marked(world, project, [99], late=timedelta(days=5))
        marked(world, project, WORKED[:10], section=world.other_section)

        race = race_of(world, project)

        assert race.rows[0][1].owner == late[0]
        assert race.rows[0][1].history.factor == Decimal("0.5")


class TestWithdrawing:
    def test_the_next_one_takes_the_place_and_the_time(self, world, project):
        made = marked(world, project, [*WORKED[:10], 80, 70])
        found = confirmed(world, project)
        plan_talks(talk_list=found, starts_at=groups.soon(), order="rank", seed=1)
        talk = Talk.objects.get(group=made[2])

        taken = withdraw_talk(talk=talk, by=world.lecturer, reason="Ill.")

        assert (taken.group, taken.starts_at) == (made[10], talk.starts_at)
        assert [g.name for g in next_in_line(found, talks_of_list(found))] == ["G12"]
        assert len(names_of(found)) == 10
        with pytest.raises(TalksRefused, match="withdrawn before"):
            withdraw_talk(talk=Talk.objects.get(pk=talk.pk), by=world.lecturer, reason="Again.")

    @pytest.mark.parametrize(("until", "days"), [(None, 7), (timedelta(days=3), 3)])
    def test_the_group_has_time_for_its_poster(self, world, project, until, days):
        made = marked(world, project, WORKED[:10])
        confirmed(world, project)
        stage = last_stage(project)
        Assignment.objects.filter(pk=stage.pk).update(due_at=timezone.now() - timedelta(days=1))
        due_at = timezone.now() + until if until else None

        withdraw_talk(talk=Talk.objects.get(group=made[0]), by=world.lecturer, reason="Ill.", due_at=due_at)

        given = Extension.objects.get(group=made[0])
        assert (given.assignment, given.granted_by) == (stage, world.lecturer)
        assert abs(given.due_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=2)

    def test_who_has_time_enough_gets_no_more(self, world, project):
        made = marked(world, project, WORKED[:10])
        confirmed(world, project)
        Assignment.objects.filter(pk=last_stage(project).pk).update(due_at=timezone.now() + timedelta(days=30))

        withdraw_talk(talk=Talk.objects.get(group=made[0]), by=world.lecturer, reason="Ill.")

        assert not Extension.objects.exists()

    def test_equals_in_line_are_the_lecturers_to_choose(self, world, project):
        made = marked(world, project, [*WORKED[:10], 80, 80])
        confirmed(world, project)
        talk = Talk.objects.get(group=made[0])

        with pytest.raises(TalksRefused, match="same mark, and 1 place is left: G11, G12"):
            withdraw_talk(talk=talk, by=world.lecturer, reason="Ill.")
        talk.refresh_from_db()
        assert talk.withdrawn_at is None
        assert withdraw_talk(talk=talk, by=world.lecturer, reason="Ill.", instead=made[11].pk).group == made[11]

    def test_the_other_of_the_equals_moves_up(self, world, project):
        made = marked(world, project, WORKED)
        confirmed(world, project, made[10], reason="Better figures.")

        assert withdraw_talk(talk=Talk.objects.get(group=made[0]), by=world.lecturer, reason="Ill.").group == made[9]

    def test_a_frozen_list_moves_nobody_up_and_stays(self, world, project):
        made = marked(world, project, [*WORKED[:10], 80])
        found = confirmed(world, project)
        freeze_talks(talk_list=found)

        assert withdraw_talk(talk=Talk.objects.get(group=made[0]), by=world.lecturer, reason="Ill.") is None
        assert len(names_of(found)) == 9
        with pytest.raises(TalksRefused, match="frozen"):
            dissolve_talks(talk_list=found)

    def test_marks_that_change_later_move_nothing(self, world, project):
        made = marked(world, project, [*WORKED[:10], 80])
        found = confirmed(world, project)

        groups.mark_group(groups.stage_of(project, "report"), made[10], world.lecturer, 100)

        assert made[10].name not in names_of(found)

    def test_a_confirmation_can_be_taken_back_and_made_anew(self, world, project):
        marked(world, project, WORKED[:10])
        found = confirmed(world, project)
        with pytest.raises(TalksRefused, match="confirmed already"):
            confirmed(world, project)

        dissolve_talks(talk_list=found)

        assert talk_lists(project) == []
        assert speaking(project) == frozenset()
        assert confirmed(world, project).pk != found.pk

    def test_a_withdrawal_takes_a_reason_also_in_the_database(self, world, project):
        marked(world, project, WORKED[:10])
        talk = confirmed(world, project).talks.first()

        with pytest.raises(TalksRefused, match="Say why"):
            withdraw_talk(talk=talk, by=world.lecturer, reason=" ")
        with pytest.raises(IntegrityError), transaction.atomic():
            Talk.objects.filter(pk=talk.pk).update(withdrawn_at=timezone.now())


class TestSections:
    def test_each_section_has_its_own_cut(self, world, project):
        project.talks = {**TALKS, "groups": 1, "per_section": True}
        project.save()
        here = marked(world, project, [90, 80])
        there = marked(world, project, [70, 60], section=world.other_section)

        found = races(project, list(world.course.sections.all()))

        assert [race.section for race in found] == [world.section, world.other_section]
        for race in found:
            confirm_talks(project=project, section=race.section, marks=race.marks, picked=(), by=world.lecturer)
        assert speaking(project) == {here[0].pk, there[0].pk}

    def test_the_database_has_one_list_at_a_time(self, world, project):
        marked(world, project, WORKED[:10])
        found = confirmed(world, project)

        with pytest.raises(IntegrityError), transaction.atomic():
            TalkList.objects.create(project=project, ranking=[], confirmed_by=world.lecturer)
        assert TalkList.objects.get() == found


class TestPlanning:
    def test_ten_minutes_each_and_the_pause(self, world, project):
        marked(world, project, WORKED[:10])
        found = confirmed(world, project)
        at = groups.soon()

        rows = plan_talks(talk_list=found, starts_at=at, order="rank", seed=0, pause=5, place="Room 1")

        assert [row.starts_at - at for row in rows[:3]] == [timedelta(minutes=m) for m in (0, 15, 30)]
        assert rows[0].group.name == "G10"
        assert [talk.place for talk in programme(world.course)] == ["Room 1"] * 10

    def test_chance_is_the_same_with_the_same_seed(self, world, project):
        marked(world, project, WORKED[:10])
        found = confirmed(world, project)

        orders = {
            seed: [
                t.group.name for t in plan_talks(talk_list=found, starts_at=groups.soon(), order="random", seed=seed)
            ]
            for seed in (1, 1, 2)
        }
        again = [t.group.name for t in plan_talks(talk_list=found, starts_at=groups.soon(), order="random", seed=1)]

        assert orders[1] == again
        assert orders[1] != orders[2]

    def test_by_topic(self, world, project):
        made = marked(world, project, [90, 80])
        for group, title in zip(made, ("Trees", "Ants"), strict=True):
            Topic.objects.create(group_id=group.pk, title=title)
        found = confirmed(world, project)

        rows: list[Any] = plan_talks(talk_list=found, starts_at=groups.soon(), order="topic", seed=0)

        assert [row.topic_title for row in rows] == ["Ants", "Trees"]

    def test_the_times_stand_in_everybodys_calendar(self, client, world, project):
        marked(world, project, [90])
        plan_talks(talk_list=confirmed(world, project), starts_at=groups.soon(), order="rank", seed=0, place="Room 7")

        feed = client.get(f"/calendar/{calendar_key_of(world.student.user).key}.ics").content.decode()

        assert "Talk: G01" in feed
        assert "Room 7" in feed


class TestTheDay:
    def test_one_clock_runs_at_a_time(self, world, project):
        made = marked(world, project, [90, 80])
        confirmed(world, project)
        first, second = (Talk.objects.get(group=group) for group in made)
        now = timezone.now()

        begin_talk(talk=first, at=now)
        begin_talk(talk=second, at=now + timedelta(minutes=11))

        first.refresh_from_db()
        assert first.ended_at == now + timedelta(minutes=11)
        assert current_talk(project) == second
        end_talk(talk=second, at=now + timedelta(minutes=20))
        assert current_talk(project) is None

    def test_who_talks_needs_no_poster_and_slides_have_no_rules(self, world, project):
        made = marked(world, project, [90])
        other = groups.make_group(project, world.student, name="Owls")
        stage = groups.stage_of(project, "presentation")
        stage.format_rules = {"height_mm": 1189, "width_mm": 841}
        confirmed(world, project)

        found = histories([stage], [*made, other])

        assert [history.speaks for history in found.values()] == [True, False]
        assert rules_of(stage, made[0]) == {}
        assert rules_of(stage, other)["height_mm"] == 1189

    def test_the_page_of_the_day_and_two_markers(self, client, world, project):
        group = marked(world, project, [90])[0]
        talk_list = confirmed(world, project)
        plan_talks(talk_list=talk_list, starts_at=groups.soon(), order="rank", seed=0)
        (criterion,) = groups.make_criteria(groups.stage_of(project, "presentation"), 50)
        talk = Talk.objects.get()
        page, sheet = "/courses/dl/project/talks/day/", f"/courses/dl/project/talks/{talk.pk}/"

        as_person(client, world.ta)
        assert "Nobody talks just now" in words_of(client.get(page))
        client.post(page, {"talk": talk.pk, "begin": "1"})
        assert "of 10 minutes" in words_of(client.get(page))
        desk = client.post(sheet).url
        assert client.post(sheet).url == desk
        assert "Nobody has marked it yet." in words_of(client.get(desk))
        refused = client.post(desk, {f"points-c{criterion.pk}": "51", "seen": "0"})
        assert "50" in words_of(refused)
        client.post(desk, {f"points-c{criterion.pk}": "40", "seen": "0"})
        as_person(client, world.lecturer).post(desk, {f"points-c{criterion.pk}": "50", "seen": "0"})
        for page_of_it in (sheet, desk):
            said = words_of(client.get(page_of_it))
            assert "Ta 40" in said
            assert "Mean of whole sheets: 90 of 100" in said
        assert 'value="50"' in client.get(desk).content.decode()
        assert Submission.objects.filter(file=None).count() == 1
        member = group.memberships.get().student
        client.post(sheet + "attendance/", {"there": []})
        assert [(row.student, row.was_there) for row in Attendance.objects.all()] == [(member, False)]
        client.post(sheet + "attendance/", {"there": [member.pk]})
        assert Attendance.objects.get().was_there
        client.post(page, {"talk": talk.pk, "end": "1"})
        assert "held" in words_of(client.get(page))


class TestPages:
    def test_the_lecturer_resolves_a_tie(self, client, world, project):
        made = marked(world, project, [*WORKED, None])
        page = as_person(client, world.lecturer).get(CHOOSE)
        said = words_of(page)
        assert "12 of 13 reports marked" in said
        assert "1 report waits to be marked: G13" in said
        assert "2 groups have the same mark, and 1 place is left." in said

        refused = client.post(CHOOSE, {"section": "", "confirm": "1"}, follow=True)
        assert "Choose who talks." in words_of(refused)
        sent = {"section": "", "confirm": "1", "picked": made[9].pk, "reason": "Earlier topic."}
        assert "Confirmed." in words_of(client.post(CHOOSE, sent, follow=True))

        said = words_of(client.get(CHOOSE))
        assert "10 talks Confirmed" in said
        assert "Earlier topic." in said
        assert "In line: G11, G12" in said
        plan = {
            "section": "",
            "plan": "1",
            "starts_at": "2026-12-20T14:00",
            "pause": "0",
            "order": "rank",
            "place": "H1",
        }
        assert "Planned." in words_of(client.post(CHOOSE, plan, follow=True))
        assert client.post(CHOOSE, plan | {"starts_at": "soon"}).status_code == 422
        gone = {"section": "", "withdraw": Talk.objects.first().pk, "reason": "Ill."}
        assert "no time until when" in words_of(client.post(CHOOSE, gone | {"due_at": "soon"}, follow=True))
        assert "G11 talks instead." in words_of(client.post(CHOOSE, gone, follow=True))
        assert "Frozen." in words_of(client.post(CHOOSE, {"section": "", "freeze": "1"}, follow=True))
        assert client.post(CHOOSE, {"section": "77"}).status_code == 404

    def test_students_read_the_programme_once_it_stands(self, client, world, project):
        page = "/courses/dl/project/talks/"
        marked(world, project, [90, 80])
        assert "Not decided yet" in words_of(as_person(client, world.student).get(page))
        found = confirmed(world, project)
        assert "They talk G01 G02" in words_of(client.get(page))

        plan_talks(talk_list=found, starts_at=groups.soon(), order="rank", seed=0, place="H1")

        assert "G02 – H1" in words_of(client.get(page))

    def test_a_course_without_talks_looks_right(self, client, world):
        groups.make_project(world.course)

        assert "No talks here" in words_of(as_person(client, world.lecturer).get(CHOOSE))
        assert project_of(world.course.pk).talks == {}
