"""Where a project shows itself besides its own pages: homes, calendars, set-up, course files, queues of the worker."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from assignments.extensions import grant_extension, request_extension
from courses.course_file.reading import CourseFileError, read_course_file
from courses.models import Course
from courses.selectors import calendar_key_of
from projects.models import Project
from projects.topics.services import propose_topic, say
from term.course_file.dump import course_file_of
from term.course_file.load import load_course
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
HOME, SETUP = "/courses/dl/", "/courses/dl/setup/project/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


class TestHomes:
    def test_a_student_reads_how_their_group_stands(self, client, world, stage, owls):
        groups.make_deliverable(stage, owls, late=timedelta(hours=2))

        said = words_of(as_person(client, world.classmate).get(HOME))

        assert "Version 1 , 2 h late" in said or "Version 1, 2 h late" in said
        assert said.count("Not handed in") == 3

    def test_without_a_group_it_says_where_to_find_one(self, client, world, stage):
        assert "What it asks, and your group" in words_of(as_person(client, world.student).get(HOME))

    def test_more_time_shows_the_groups_own_due_time(self, client, world, stage, owls):
        until = stage.due_at + timedelta(days=2)
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=until, reason="x")

        local = until.astimezone(world.course.zone)
        assert f"{local:%a} {local.day} {local:%b}, {local:%H:%M}" in words_of(
            as_person(client, world.student).get(HOME)
        )

    def test_staff_read_what_waits_in_their_reach(self, client, world, stage, owls):
        groups.make_criteria(stage)
        groups.make_deliverable(stage, owls)
        propose_topic(group=owls, by=world.student, title="Leaves", text="")
        request_extension(
            assignment=stage, owner=owls, by=world.student, wanted_until=stage.due_at + timedelta(days=1), reason="x"
        )

        said = words_of(as_person(client, world.ta).get(HOME))
        assert "1 to review" in said
        assert "1 request for more time : Proposal" in said
        assert "1 topic waits for a word of yours" in said
        elsewhere = words_of(as_person(client, world.other_ta).get(HOME))
        assert "to review" not in elsewhere
        assert "for more time" not in elsewhere
        assert "topic waits" not in elsewhere

    def test_what_is_marked_and_decided_waits_no_more(self, client, world, stage, owls):
        groups.make_criteria(stage, 100)
        groups.make_deliverable(stage, owls)
        groups.mark_group(stage, owls, world.ta, 90)
        topic = propose_topic(group=owls, by=world.student, title="Leaves", text="")
        say(topic=topic, by=world.ta, text="", state="approved")

        said = words_of(as_person(client, world.ta).get(HOME))

        assert "1 ready to release" in said
        assert "to review" not in said
        assert "topic waits" not in said


class TestCalendars:
    def feed(self, client, person):
        text = client.get(f"/calendar/{calendar_key_of(person.user).key}.ics").content.decode()
        return text.replace("\r\n ", "")

    def test_the_groups_due_time_and_that_it_is_done(self, client, world, stage, owls):
        until = stage.due_at + timedelta(days=2)
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=until, reason="x")
        groups.make_deliverable(stage, owls)

        feed = self.feed(client, world.student)

        assert "Due (your group’s extension): Proposal · Deep Learning ✓" in feed
        assert f"DTSTART:{until:%Y%m%dT%H%M%SZ}" in feed
        assert "Due: Report · Deep Learning\r\n" in feed

    def test_staff_have_the_listed_times(self, client, world, stage, owls):
        grant_extension(assignment=stage, group=owls, by=world.ta, due_at=stage.due_at + timedelta(days=2), reason="x")

        assert f"DTSTART:{stage.due_at:%Y%m%dT%H%M%SZ}" in self.feed(client, world.ta)


FILE = """
course: {slug: c, title: C, term: T, language: en, time_zone: Asia/Shanghai, weeks: 16}
project:
  title: Project
  smallest_group: 3
  largest_group: 5
  topic_blocks: true
  topics_hidden: true
  contribution_span: 15
  groups_fixed: 2026-10-01 12:00
  stages:
    - {slug: report, title: Report, opens: week 9, due: week 15, attempts: 3, anonymous: true, description: Long.}
  talks: {groups: 4, minutes: 8, ranked_by: report, others: poster, per_section: true}
  ballot: {least: 3, highest_mark: 100, lowest_mark: 50, marks_by: score}
"""


class TestSettings:
    def test_every_setting_is_in_the_course_file_and_comes_back(self, client, world):
        content = read_course_file(FILE.encode(), week_one=date(2026, 9, 7))
        course = load_course(content, week_one=date(2026, 9, 7))
        project = course.project

        assert (project.topic_blocks, project.topics_hidden, project.group_set.contribution_span) == (True, True, 15)
        assert project.group_set.groups_fixed_at.astimezone(course.zone).strftime("%d.%m. %H:%M") == "01.10. 12:00"
        assert project.group_set.locks_at == project.group_set.groups_fixed_at
        assert course_file_of(course)["project"] == content["project"]
        assert project.sentences[0].startswith(
            "The 4 groups of each section with the best report give a talk of 8 minutes"
        )

    def test_a_time_that_is_none_names_its_path(self):
        with pytest.raises(CourseFileError, match=r"project\.groups_fixed"):
            read_course_file(FILE.replace("2026-10-01 12:00", "some day").encode(), week_one=date(2026, 9, 7))

    def test_the_page_of_the_project(self, client, world, project):
        as_person(client, world.lecturer)
        sent = {
            "title": "Project", "smallest_group": "2", "largest_group": "4", "topic_blocks": "on", "contribution_span": "20",
            "groups_fixed_at": "2026-10-01T12:00",
        }  # fmt: skip

        client.post(SETUP, sent)

        project = Project.objects.get()
        saved = project.group_set
        assert (saved.smallest_group, project.topic_blocks, project.topics_hidden, saved.contribution_span) == (
            2,
            True,
            False,
            20,
        )
        assert saved.locks_at == saved.groups_fixed_at
        client.post(SETUP, sent | {"groups_fixed_at": "", "contribution_span": ""})
        saved = Project.objects.get().group_set
        assert (saved.groups_fixed_at, saved.contribution_span) == (None, 0)


class TestTalksAndBallots:
    PAGE = "/courses/dl/setup/talks/"
    SENT = {  # noqa: RUF012  what is typed
        "groups": "10", "minutes": "8", "ranked_by": "report", "others": "poster", "per_section": "on", "least": "3",
        "highest_mark": "100", "lowest_mark": "60", "by_score": "on",
    }  # fmt: skip

    def test_they_are_kept_as_a_course_file_has_them(self, client, world, project):
        as_person(client, world.lecturer).post(self.PAGE, self.SENT)

        saved = Project.objects.get()
        assert saved.talks == {
            "groups": 10,
            "minutes": 8,
            "ranked_by": "report",
            "others": "poster",
            "per_section": True,
        }
        assert saved.ballot == {"least": 3, "highest_mark": 100, "lowest_mark": 60, "marks_by": "score"}
        assert 'value="8"' in client.get(self.PAGE).content.decode()

    def test_empty_numbers_are_no_talks_and_no_ballots(self, client, world, project):
        as_person(client, world.lecturer).post(self.PAGE, self.SENT)

        client.post(self.PAGE, self.SENT | {"groups": "", "least": ""})

        assert (Project.objects.get().talks, Project.objects.get().ballot) == ({}, {})

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"minutes": ""}, "Say how long a talk is"),
            ({"ranked_by": ""}, "Say how long a talk is"),
            ({"ranked_by": "nothing"}, "Select a valid choice"),
            ({"lowest_mark": "101"}, "less than or equal to 100"),
            ({"highest_mark": "50"}, "the best not below the last"),
            ({"least": "1"}, "greater than or equal to 2"),
        ],
    )
    def test_what_does_not_fit_together(self, client, world, project, change, said):
        answer = as_person(client, world.lecturer).post(self.PAGE, self.SENT | change)

        assert answer.status_code == 422
        assert said in words_of(answer)
        assert Project.objects.get().talks == {}

    def test_a_course_without_a_project_says_it_first(self, client, world):
        answer = as_person(client, world.lecturer).get(self.PAGE, follow=True)

        assert "Say first what the project is" in words_of(answer)


def test_a_course_without_a_project_has_none_of_it(client, world):
    assert not Course.objects.filter(project__isnull=False).exists()

    for person in (world.student, world.ta):
        said = words_of(as_person(client, person).get(HOME))
        assert "Project" not in said
        assert client.get("/courses/dl/project/talks/").status_code == 404
        assert client.get("/courses/dl/groups/project/find/").status_code == 404


def test_a_project_whose_stages_are_gone_can_be_looked_at(client, world, project):
    project.stages.all().delete()
    make.enrol(world.course)

    for person in (world.student, world.lecturer):
        as_person(client, person)
        for page in ("project/", "groups/project/find/", "project/topics/", "project/talks/"):
            assert client.get(f"/courses/dl/{page}").status_code == 200
    assert project.group_set.locks_at is None or project.group_set.locks_at > timezone.now() - timedelta(days=9999)
