"""The end of a course: put away, deleted when empty, kept as one file."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import get_resolver
from django.utils import timezone

from assignments.models import Assignment, PendingReplacement, Submission
from courses import storage
from courses.models import Course, Role, SettingChange, StoredFile, User
from courses.receipts import verified_facts
from gradebook.models import FinalGrade
from grading.models import ReleasedGrade
from grading.services.releases import plan_release, release_what_is_due
from projects.selectors import project_of
from term.archive import services
from term.archive.contents import course_contents, person_contents
from term.models import CourseExport
from tests import factories as make
from tests import groups
from tests.addresses import Addresses, names_of, one_of_each
from tests.pages import as_person, text_of, words_of

ARCHIVE = "/courses/dl/archive/"
IN_COURSE = "/courses/dl/"


def put_away(world):
    services.archive_course(by=world.lecturer, archived=True)


@pytest.fixture
def submission(world):
    return one_of_each(world)


@pytest.mark.parametrize("role", ["student", "ta", "lecturer"])
def test_no_form_changes_an_archived_course(client, world, submission, role):
    """Each form of the product, also those that are made later: none reaches its view."""
    as_person(client, getattr(world, role))
    pages = Addresses(submission)
    inside = {name: pages[name] for name in names_of(get_resolver().url_patterns)}
    inside = {name: path for name, path in inside.items() if path.startswith(IN_COURSE)}
    open_still = {"student-view", "course-archive", "export-list", "rollover-create"}
    put_away(world)
    changes = SettingChange.objects.count()

    for name in set(inside) - open_still:
        answer = client.post(inside[name], {})
        assert (answer.status_code, answer["Location"]) == (302, IN_COURSE), name

    assert SettingChange.objects.count() == changes
    assert "nothing was changed" in text_of(client.get(IN_COURSE))


def test_the_api_says_so_too(client, world, submission):
    as_person(client, world.student)
    put_away(world)
    answer = client.post(Addresses(submission)["api-submission-create"], {})

    assert answer.status_code == 409
    assert "archived" in answer.json()["detail"]


def test_everything_stays_readable(client, world, submission):
    as_person(client, world.student)
    pages = Addresses(submission)
    put_away(world)

    for name in ("course-detail", "submission-detail", "submission-file", "submission-receipt", "standing", "syllabus"):
        assert client.get(pages[name]).status_code == 200, name


def test_a_stranger_is_told_nothing(client, world, submission):
    put_away(world)
    as_person(client, world.stranger)

    assert client.post(IN_COURSE + "publish/", {}).status_code == 404
    assert client.post(Addresses(submission)["api-submission-create"], {}).status_code == 404


def test_nobody_opens_the_desk_of_it(client, world, submission):
    as_person(client, world.ta)
    put_away(world)

    assert client.get(Addresses(submission)["review-create"])["Location"] == IN_COURSE


def test_next_years_course_is_made_from_it(client, world):
    as_person(client, world.lecturer)
    put_away(world)

    assert client.post(IN_COURSE + "next/", {}).status_code == 422


def test_a_planned_release_waits(world):
    make.run_of(make.make_submission(world.assignment, world.student), analysis="passed")
    due_at = timezone.now() + timedelta(hours=1)
    plan_release(assignment=world.assignment, section=None, by=world.lecturer, due_at=due_at)
    put_away(world)

    release_what_is_due(now=due_at + timedelta(hours=1))
    assert not ReleasedGrade.objects.exists()
    services.archive_course(by=world.lecturer, archived=False)
    release_what_is_due(now=due_at + timedelta(hours=1))
    assert ReleasedGrade.objects.exists()


def test_it_is_off_the_lists_and_comes_back(client, world):
    as_person(client, world.lecturer)
    client.post(ARCHIVE + "put-away/", {"archive": ""})

    listed = words_of(client.get("/"))
    assert listed.index("Archived") < listed.index(world.course.title)
    client.post(ARCHIVE + "put-away/", {"back": ""})
    assert "Archived" not in words_of(client.get("/"))
    assert [(c.setting, c.before, c.after) for c in SettingChange.objects.order_by("pk")] == [
        ("Archived", "no", "yes"),
        ("Archived", "yes", "no"),
    ]


def test_putting_away_twice_is_one_fact(world):
    put_away(world)
    before = Course.objects.get(pk=world.course.pk).archived_at
    put_away(world)

    assert Course.objects.get(pk=world.course.pk).archived_at == before
    assert SettingChange.objects.count() == 1


def test_an_empty_course_is_deleted_with_its_settings(client, world):
    make.make_scheme(world.course, world.assignment)
    put_away(world)
    services.archive_course(by=world.lecturer, archived=False)
    groups.make_group(groups.make_project(world.course), world.student)
    as_person(client, world.lecturer)

    answer = client.post(ARCHIVE + "delete/", {"typed": "dl"}, follow=True)

    assert "is deleted" in text_of(answer)
    assert not Course.objects.filter(slug="dl").exists()
    assert Course.objects.filter(slug="elsewhere").exists()
    assert User.objects.filter(pk=world.student.user_id).exists()


@pytest.mark.parametrize("typed", ["", "Dl", "elsewhere"])
def test_a_wrong_address_deletes_nothing(client, world, typed):
    as_person(client, world.lecturer)
    answer = client.post(ARCHIVE + "delete/", {"typed": typed}, follow=True)

    assert "Write “dl”" in text_of(answer)
    assert Course.objects.filter(slug="dl").exists()


def test_a_course_with_work_is_not_deleted(client, world):
    make.make_submission(world.assignment, world.student)
    as_person(client, world.lecturer)
    answer = client.post(ARCHIVE + "delete/", {"typed": "dl"}, follow=True)

    assert "archive the course instead" in text_of(answer)
    assert Course.objects.filter(slug="dl").exists()


def test_a_course_with_an_upload_that_waits_is_not_deleted(world, submission):
    file = submission.file
    other = make.make_course("fresh")
    lecturer = make.enrol(other, Role.LECTURER)
    PendingReplacement.objects.create(
        assignment=make.make_assignment(other), student=make.enrol(other), file=file, original_name="x",
        received_at=make.DUE, completed_at=make.DUE, handed_in_by=lecturer,
    )  # fmt: skip

    with pytest.raises(services.ArchiveRefused):
        services.delete_course(by=lecturer, typed="fresh")


def test_deleting_takes_its_archives_along(world):
    made = services.ask_for_export(by=world.lecturer)
    services.make_export(export_id=made.pk)
    digest = CourseExport.objects.get(pk=made.pk).file.sha256

    services.delete_course(by=world.lecturer, typed="dl")

    assert not StoredFile.objects.filter(sha256=digest).exists()


def test_a_course_with_final_grades_is_not_deleted(world):
    FinalGrade.objects.create(student=world.student, grade="A", set_by=world.lecturer, reason="By hand")

    with pytest.raises(services.ArchiveRefused):
        services.delete_course(by=world.lecturer, typed="dl")


def test_the_archive_of_a_course_holds_it(world, submission):
    made = services.ask_for_export(by=world.lecturer)
    services.make_export(export_id=made.pk)

    archive = opened(made)
    names = set(archive.namelist())
    here = f"assignments/numbers/{submission.owner_slug}/v1/"
    assert {"course.yaml", "people.csv", "gradebook.csv", "history-of-settings.csv", "attendance.csv"} <= names
    assert archive.read(f"{here}work/{submission.original_name}")[:1] == b"{"
    assert verified_facts(archive.read(here + "receipt.json").decode())
    assert any(name.startswith("materials/") and name.endswith("notes.pdf") for name in names)
    assert any(name.startswith("assignments/proposal/g") for name in names), "what groups handed in"
    people = table_of(archive, "people.csv")
    assert {row["Login"] for row in people} == set(world.course.enrolments.values_list("user__username", flat=True))
    released = table_of(archive, "assignments/numbers/released.csv")
    assert [row["Student"] for row in released] == [str(world.student.user)]


def test_the_archive_of_one_person_holds_nothing_of_another(world, submission):
    entries = list(person_contents(world.student))
    texts = "".join(content for _, content in entries if isinstance(content, str))

    assert world.student.user.name in texts
    assert world.classmate.user.username not in texts
    here = f"work/numbers/{submission.owner_slug}/v1/"
    assert any(name == f"{here}work/{submission.original_name}" for name, _ in entries)


def test_names_in_an_archive_differ(world, submission):
    """Also of a file called like our own, and of the same stage by two groups."""
    again = make.make_submission(world.assignment, world.student)
    fields = {f.name: getattr(again, f.name) for f in Submission._meta.fields if f.name not in ("id", "number")}
    Submission.objects.create(**fields | {"number": 9, "original_name": "receipt.json"})
    stage = Assignment.objects.get(slug="proposal")
    second = groups.make_group(project_of(world.course.pk), make.enrol(world.course), name="Second")
    groups.make_deliverable(stage, second).members.add(world.student)
    for entries in (course_contents(world.course, world.lecturer), person_contents(world.student)):
        names = [name for name, _ in entries]
        assert len(names) == len(set(names))
        assert not any(name.startswith("/") or ".." in name for name in names)


def test_what_breaks_is_tried_again_and_said_in_the_end(client, world, monkeypatch):
    made = services.ask_for_export(by=world.lecturer)
    monkeypatch.setattr(services, "course_contents", lambda *_: 1 / 0)
    states = []
    for _ in range(services.MOST_ATTEMPTS + 1):
        services.make_export(export_id=made.pk)
        states.append(CourseExport.objects.get(pk=made.pk).state)

    assert states == ["queued", "queued", "failed", "failed"]
    as_person(client, world.lecturer)
    assert "Could not be made" in text_of(client.get(ARCHIVE))


def test_a_worker_that_died_is_followed_by_another(world):
    made = services.ask_for_export(by=world.lecturer)
    CourseExport.objects.update(state="running", attempt=1, lease_until=timezone.now() + timedelta(minutes=1))
    services.make_export(export_id=made.pk)
    assert CourseExport.objects.get(pk=made.pk).state == "running"

    CourseExport.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    services.make_export(export_id=made.pk)
    assert CourseExport.objects.get(pk=made.pk).state == "done"


def test_one_whose_workers_all_died_is_said_to_have_failed(world):
    made = services.ask_for_export(by=world.lecturer)
    over = timezone.now() - timedelta(minutes=1)
    CourseExport.objects.update(state="running", attempt=services.MOST_ATTEMPTS, lease_until=over)

    services.sweep_exports()

    assert CourseExport.objects.get().state == "failed"
    assert services.ask_for_export(by=world.lecturer) != made


def test_the_page_asks_again_until_it_is_made(client, world):
    as_person(client, world.lecturer)
    made = services.ask_for_export(by=world.lecturer)
    assert 'hx-trigger="every 3s"' in text_of(client.get(ARCHIVE))

    services.make_export(export_id=made.pk)

    assert "hx-trigger" not in text_of(client.get(ARCHIVE))


def test_asking_twice_makes_one(client, world):
    as_person(client, world.lecturer)
    for _ in range(2):
        client.post(ARCHIVE, {})
    client.post(ARCHIVE, {"student": world.student.pk})

    assert [export.student for export in CourseExport.objects.order_by("pk")] == [None, world.student]


@pytest.mark.parametrize("key", ["x", "²", "0", "9" * 30, "9" * 5000])
def test_an_archive_of_nobody_is_not_found(client, world, key):
    as_person(client, world.lecturer)

    assert client.post(ARCHIVE, {"student": key}).status_code == 404
    assert not CourseExport.objects.exists()


def test_the_sweep_rings_again_and_forgets(world, submission, monkeypatch):
    rung: list[int] = []
    monkeypatch.setattr(services, "_ring", rung.append)
    waits = CourseExport.objects.create(course=world.course, asked_by=world.lecturer)
    hour_ago, month_ago = (timezone.now() - timedelta(hours=hours) for hours in (1, 24 * 30))
    CourseExport.objects.filter(state="done").update(asked_at=month_ago)
    CourseExport.objects.filter(pk=waits.pk).update(asked_at=hour_ago)

    services.sweep_exports()

    assert rung == [waits.pk]
    assert list(CourseExport.objects.all()) == [waits]


def test_what_is_forgotten_leaves_no_bytes(world, django_capture_on_commit_callbacks):
    made = services.ask_for_export(by=world.lecturer)
    services.make_export(export_id=made.pk)
    digest = CourseExport.objects.get(pk=made.pk).file.sha256
    CourseExport.objects.update(asked_at=timezone.now() - 2 * services.KEPT)

    with django_capture_on_commit_callbacks(execute=True):
        services.sweep_exports()

    assert not StoredFile.objects.filter(sha256=digest).exists()
    assert not default_storage.exists(storage.path_of(digest))


def test_bytes_that_somebody_handed_in_stay(world, submission):
    CourseExport.objects.filter(file=submission.file).update(asked_at=timezone.now() - 2 * services.KEPT)

    services.sweep_exports()

    assert not CourseExport.objects.exists()
    assert storage.read(submission.file)


def test_an_archive_is_streamed_under_its_name(client, world):
    made = services.ask_for_export(by=world.lecturer, student=world.student)
    services.make_export(export_id=made.pk)
    as_person(client, world.lecturer)

    answer = client.get(f"{ARCHIVE}{made.pk}.zip")

    assert answer.streaming
    assert answer["Content-Disposition"] == 'attachment; filename="dl-student.zip"'
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer))).testzip() is None


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_asks_the_same_number_of_questions(client, world, rows, django_assert_max_num_queries):
    for _ in range(rows):
        student = make.enrol(world.course)
        CourseExport.objects.create(course=world.course, student=student, asked_by=world.lecturer)
    as_person(client, world.lecturer)

    with django_assert_max_num_queries(14):
        client.get(ARCHIVE)


def opened(export) -> zipfile.ZipFile:
    file = CourseExport.objects.get(pk=export.pk).file
    return zipfile.ZipFile(storage.opened(file))


def table_of(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
