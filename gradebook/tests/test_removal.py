"""Taking an assignment away: deleted while nothing hangs on it, archived afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assignments.models import Assignment, Submission
from assignments.services import SubmissionRefused, receive_submission
from courses.models import SettingChange
from grading.models import Run
from grading.services.rulings import rule
from grading.services.runs import queue_check
from term.course_file.dump import course_file_of
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

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


def make_address(submission):
    return f"{PAGE}submissions/{submission.owner_slug}/{submission.number}/"
