"""A worker looks at PDFs: nobody waits for it to have handed in, and what was stopped is no fact about a file."""

import pytest

from assignments import format_checks
from assignments.models import FormatCheck, Submission
from assignments.services import SubmissionRefused
from courses.models import OutgoingMail
from grading import nudge
from grading.models import PageImage, Run
from grading.services import runs
from grading.services.execution import execute_run
from papercheck.tests.papers import made
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/proposal/"


@pytest.fixture
def stage(world):
    return groups.stage_of(groups.make_project(world.course))


@pytest.fixture
def owls(world, stage):
    return groups.make_group(stage.groups.project, world.student, world.classmate, name="Owls")


@pytest.fixture
def paper(world, stage, owls) -> Submission:
    return groups.hand_in(stage, owls, world.student)


def stopped(*_args, **_kwargs):
    raise format_checks.CheckStopped


class TestReceiving:
    def test_it_starts_no_program(self, world, stage, owls, monkeypatch):
        monkeypatch.setattr(format_checks, "run_program", lambda *_, **__: pytest.fail("nobody waits for a check"))

        assert groups.hand_in(stage, owls, world.student).runs.get().state == Run.State.QUEUED

    def test_a_worker_is_told_once_it_is_stored(
        self, world, stage, owls, monkeypatch, django_capture_on_commit_callbacks
    ):
        rung = []
        monkeypatch.setattr(nudge, "ring", lambda *what: rung.append(what))
        with django_capture_on_commit_callbacks(execute=True):
            version = groups.hand_in(stage, owls, world.student)

        assert rung == [(version.runs.get().pk, "grading")]

    def test_a_broker_that_is_away_costs_nothing(
        self, world, stage, owls, monkeypatch, django_capture_on_commit_callbacks
    ):
        def away(*_, **__):
            raise OSError("no broker")

        monkeypatch.setattr("grading.nudge.current_app.send_task", away)
        with django_capture_on_commit_callbacks(execute=True):
            assert groups.hand_in(stage, owls, world.student).number == 1

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"x" * 2000 + made.paper()])
    def test_what_does_not_begin_as_a_pdf_is_refused_at_once(self, world, stage, owls, content):
        with pytest.raises(SubmissionRefused, match="damaged or is no PDF"):
            groups.hand_in(stage, owls, world.student, content=content)
        assert not Submission.objects.exists()


class TestLooking:
    def test_it_checks_and_draws(self, paper):
        groups.looked_at(paper)

        run = paper.runs.get()
        assert (run.state, run.verdict, run.report["pages"]) == ("done", "checked", 2)
        assert FormatCheck.objects.count() == 1
        assert PageImage.objects.exclude(file=None).count() == 2

    def test_a_pdf_that_nobody_can_read_keeps_its_time_and_its_people_are_told(self, client, world, stage, owls):
        broken = groups.hand_in(stage, owls, world.student, content=b"%PDF-1.7\nnothing inside\n%%EOF\n")

        groups.looked_at(broken)

        assert broken.runs.get().verdict == "unreadable"
        mails = OutgoingMail.objects.filter(subject="Cannot be read: Proposal")
        assert {mail.recipient for mail in mails} == {world.student.user.email, world.classmate.user.email}
        assert "http://" in mails[0].body
        said = words_of(as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/"))
        assert "This file cannot be read." in said
        runs.queue_again(submission=broken)
        execute_run(run_id=broken.runs.latest("pk").pk)
        assert mails.all().count() == 2
        assert "It keeps its time; hand in one that opens." in said

    def test_a_check_that_was_stopped_is_tried_again_and_never_kept(self, paper, monkeypatch):
        right = format_checks.report_on
        monkeypatch.setattr(format_checks, "report_on", stopped)
        run = paper.runs.get()
        for attempt in (1, 2):
            execute_run(run_id=run.pk)
            run.refresh_from_db()
            assert (run.state, run.attempt) == ("queued", attempt)
        assert not FormatCheck.objects.exists()

        monkeypatch.setattr(format_checks, "report_on", right)
        execute_run(run_id=run.pk)

        run.refresh_from_db()
        assert (run.state, FormatCheck.objects.count()) == ("done", 1)

    def test_after_three_times_it_is_ours_and_staff_are_told(self, client, world, paper, owls, monkeypatch):
        monkeypatch.setattr(format_checks, "report_on", stopped)
        run = paper.runs.get()
        for _ in range(3):
            execute_run(run_id=run.pk)

        run.refresh_from_db()
        assert run.state == "failed"
        assert OutgoingMail.objects.filter(
            recipient=world.lecturer.user.email, subject__startswith="Our grader"
        ).exists()
        said = words_of(as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/"))
        assert "could not be made, which is our fault" in said
        assert runs.queue_submission(submission=paper) is None
        page = f"{PAGE}submissions/g{owls.pk}/1/"
        assert "Check the file again" in words_of(as_person(client, world.ta).get(page))
        client.post(page + "run/")
        assert paper.runs.latest("pk").state == "queued"

    def test_what_was_known_before_the_limit_is_shown_after_the_last_try(self, client, world, paper, owls, monkeypatch):
        right = format_checks.report_on

        def half(content, rules):
            return {**right(content, rules), "stopped": "it takes longer than a paper should"}

        monkeypatch.setattr(format_checks, "report_on", half)
        run = paper.runs.get()
        for _ in range(3):
            execute_run(run_id=run.pk)

        run.refresh_from_db()
        assert (run.state, FormatCheck.objects.count()) == ("done", 0)
        client = as_person(client, world.student)
        said = words_of(client.get(f"{PAGE}submissions/g{owls.pk}/1/"))
        assert "The text stands in one column" in said
        assert paper.runs.count() == 1

    def test_other_rules_ask_for_another_look_when_somebody_opens_it(self, client, world, stage, paper, owls):
        groups.looked_at(paper)
        stage.format_rules = {"pages": 1}
        stage.save()
        as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/")
        client.get(f"{PAGE}submissions/g{owls.pk}/1/")

        assert list(paper.runs.order_by("pk").values_list("state", flat=True)) == ["done", "queued"]

    def test_a_worker_whose_sandbox_is_open_still_reads_papers(self, paper, monkeypatch):
        monkeypatch.setattr("grading.services.workers.sandbox_is_closed", lambda: False)

        groups.looked_at(paper)

        assert paper.runs.get().state == "done"

    def test_the_sweep_rings_for_it(self, paper, monkeypatch):
        rung = []
        monkeypatch.setattr(nudge, "ring", lambda *what: rung.append(what))
        Run.objects.update(nudged_at=paper.received_at)

        assert runs.sweep() == 1
        assert rung == [(paper.runs.get().pk, "grading")]
