"""Taking an assignment away: deleted while nothing hangs on it, archived afterwards."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assignments.extensions import ExtensionRefused, request_extension
from assignments.models import Assignment, PendingReplacement, Submission
from assignments.services import SubmissionRefused, confirm_replacement, create_assignment, receive_submission
from courses import storage
from courses.models import SettingChange
from gradebook.removal.services import archive_assignment
from grading.models import Run
from grading.papers.selectors import criteria_of
from grading.papers.services import change_criteria
from grading.services.rulings import rule
from grading.services.runs import queue_check
from term.course_file.dump import course_file_of
from term.rollover.make import roll_over
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/numbers/"


def press(client, world, name, page=PAGE):
    return words_of(as_person(client, world.lecturer).post(page + "remove/", {name: "1"}, follow=True))


class TestDeleting:
    def test_what_nothing_hangs_on_is_gone_and_the_history_says_so(self, client, world):
        queue_check(notebook=world.notebook)
        assert "Numbers is deleted." in press(client, world, "delete")
        assert not Assignment.objects.exists()
        assert not Run.objects.exists()
        assert SettingChange.objects.get().after == "deleted"

    def test_work_keeps_it(self, client, world):
        make.make_submission(world.assignment, world.student)
        assert "Work was handed in, so it stays: archive it instead." in press(client, world, "delete")
        assert Submission.objects.count() == 1

    def test_a_weight_keeps_it_and_so_does_an_earlier_one(self, client, world):
        scheme = make.make_scheme(world.course, world.assignment)
        assert "take it out of the weights first" in press(client, world, "delete")
        assert "take it out of the weights first" in press(client, world, "archive")
        root = scheme.components.get(parent=None)
        empty = scheme.course.schemes.create(version=scheme.version + 1)
        empty.components.create(kind="group", name=root.name, weight=100)
        assert "Earlier weights name it" in press(client, world, "delete")

    def test_a_ruling_keeps_it(self, client, world):
        rule(
            assignment=world.assignment,
            student=world.student,
            by=world.lecturer,
            reason="x",
            points=None,
            code="exempt",
        )
        assert "Rulings or factors hang on it" in press(client, world, "delete")
        assert not SettingChange.objects.exists()

    def test_a_stage_is_removed_in_the_set_up(self, client, world):
        stage = groups.stage_of(groups.make_project(world.course))
        page = f"/courses/dl/assignments/{stage.slug}/"
        for name in ("delete", "archive"):
            assert "It is a stage of the project" in press(client, world, name, page)

    @pytest.mark.parametrize("person", ["ta", "student", "stranger"])
    def test_nobody_else_takes_it_away(self, client, world, person):
        answer = as_person(client, getattr(world, person)).post(PAGE + "remove/", {"delete": "1"})
        assert answer.status_code in (403, 404)
        assert Assignment.objects.exists()


class TestArchiving:
    def test_it_takes_nothing_more_and_stands_in_no_list(self, client, world):
        submission = make.make_submission(world.assignment, world.student)
        assert "Archived." in press(client, world, "archive")

        as_person(client, world.student)
        listed = client.get("/courses/dl/assignments/").context
        assert (listed["rows"], listed["archived"]) == ([], [world.assignment])
        assert "Numbers" not in words_of(client.get("/courses/dl/"))
        assert "takes no more work" in words_of(client.get(PAGE))
        assert client.get(make_address(submission)).status_code == 200
        archived = Assignment.objects.get()
        with pytest.raises(SubmissionRefused, match="archived"):
            receive_submission(
                assignment=archived, owner=world.student, by=world.student, content=make.submitted(mark="x"), name="x",
                received_at=timezone.now(),
            )  # fmt: skip

    def test_it_comes_back(self, client, world):
        press(client, world, "archive")
        press(client, world, "archive")
        assert "It stands in the lists again." in press(client, world, "restore")
        assert Assignment.objects.get().archived_at is None
        assert [(c.before, c.after) for c in SettingChange.objects.order_by("pk")] == [("no", "yes"), ("yes", "no")]

    def test_next_years_course_leaves_it_behind(self, world):
        assert [item["slug"] for item in course_file_of(world.course)["assignments"]] == ["numbers"]
        Assignment.objects.update(archived_at=timezone.now() - timedelta(days=1))
        assert not course_file_of(world.course).get("assignments")

    def test_a_yes_that_comes_afterwards_changes_nothing(self, world):
        make.make_submission(world.assignment, world.student)
        arrived = timezone.now()
        pending = PendingReplacement.objects.create(
            assignment=world.assignment, student=world.student, file=storage.store(b"zz"), original_name="a.ipynb",
            handed_in_by=world.student, received_at=arrived, completed_at=arrived,
        )  # fmt: skip
        archive_assignment(assignment=world.assignment, by=world.lecturer, archived=True)
        with pytest.raises(SubmissionRefused, match="archived"):
            confirm_replacement(pending=pending, by=world.student, at=timezone.now())

    def test_it_gets_no_weight(self, client, world):
        archive_assignment(assignment=world.assignment, by=world.lecturer, archived=True)
        page = text_of(as_person(client, world.lecturer).get("/courses/dl/weights/"))
        assert f"assignment:{world.assignment.pk}" not in page

    def test_its_page_asks_a_student_for_nothing(self, client, world):
        archive_assignment(assignment=world.assignment, by=world.lecturer, archived=True)
        world.assignment.refresh_from_db()
        page = words_of(as_person(client, world.student).get("/courses/dl/assignments/numbers/"))
        assert "takes no more work" in page
        assert "Ask for more time" not in page
        assert "handed in now it counts" not in page
        with pytest.raises(ExtensionRefused, match="takes no more work"):
            request_extension(
                assignment=world.assignment,
                owner=world.student,
                by=world.student,
                wanted_until=timezone.now(),
                reason="x",
            )
        assert client.get("/api/courses/dl/assignments/").json() == []


def make_address(submission):
    return f"{PAGE}submissions/{submission.owner_slug}/{submission.number}/"


class TestNextYear:
    """What a course file leaves out breaks no course that is made from it."""

    def next_year(self, world):
        by = world.lecturer.user
        return roll_over(source=world.course, week_one=date(2027, 9, 6), slug="dl2", term="A27", lecturer=by)[0]

    def made(self, world, kind):
        opens_at = make.DUE - timedelta(days=30)
        fields = {"slug": "essay", "title": "Essay", "questions": ["Why?"], "opens_at": opens_at, "due_at": make.DUE}
        return create_assignment(Assignment(course=world.course, kind=kind, **fields))

    def test_an_archived_paper_stays_behind(self, world):
        archive_assignment(assignment=self.made(world, "paper"), by=world.lecturer, archived=True)
        assert not self.next_year(world).assignments.filter(slug="essay").exists()

    @pytest.mark.parametrize("kind", ["paper", "files"])
    def test_what_work_without_cells_is_marked_by_comes_along(self, world, kind):
        change_criteria(assignment=self.made(world, kind), wanted=[(0, "Own line", Decimal(37))], by=world.lecturer)
        (line,) = criteria_of(self.next_year(world).assignments.get(slug="essay"))
        assert (line.text, line.points) == ("Own line", 37)
