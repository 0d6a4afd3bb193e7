"""A PDF of one student, or of a group, that is no stage of a project: by the same way as a notebook."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assignments.models import Assignment, Kind
from assignments.services import create_assignment, receive_submission
from courses.models import OutgoingMail, User
from gradebook.standings.selectors import gradebook
from grading.models import Criterion, Note, ReleasedGrade, Run
from grading.notes.services import write_note
from grading.papers.services import change_criteria
from grading.selectors.grades import grades_for, item_of
from grading.selectors.regrades import released_or_404
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from grading.services.regrades import request_regrade
from grading.services.releases import release_grades
from grading.services.reviews import claim_next
from grading.services.rubrics import add_item
from groups.members.services import join_group, make_group
from groups.models import GroupSet
from papercheck.tests.papers import made
from tests import factories as make
from tests import groups
from tests.factories import DUE
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/assignments/essay/"
HOUR = timedelta(hours=1)
PAPER = made.paper(pages=2, columns=1)


@pytest.fixture
def essay(world):
    draft = Assignment(
        course=world.course, slug="essay", title="Essay", kind=Kind.PAPER, position=2,
        opens_at=DUE - timedelta(days=20), due_at=DUE, questions=["What did you read?", "What do you doubt?"],
    )  # fmt: skip
    return create_assignment(draft)


@pytest.fixture
def criteria(essay):
    return list(Criterion.objects.filter(assignment=essay))


def hand_in(world, essay, owner=None, *, by=None, late=-HOUR, extra=b""):
    return receive_submission(
        assignment=essay, owner=owner or world.student, by=by or world.student, content=PAPER + extra, name="essay.pdf",
        received_at=DUE + late, completed_at=DUE + late,
    )  # fmt: skip


def mark_all(submission, by, criteria, share=Decimal(1)):
    marks = {f"c{each.pk}": NewMark(each.points * share, "") for each in criteria}
    maxima = {f"c{each.pk}": each.points for each in criteria}
    return record_marks(submission=submission, by=by, marks=marks, maxima=maxima, seen=0)


class TestAsked:
    def test_what_it_is_marked_by_is_proposed_from_its_questions(self, essay, criteria):
        assert [(each.text, each.points) for each in criteria] == [
            ("What did you read?", 40), ("What do you doubt?", 40), ("Writing, figures and format", 20),
        ]  # fmt: skip

    def test_a_lecturer_makes_one_in_the_browser(self, client, world):
        sent = {
            "title": "Review", "slug": "review", "position": "3", "kind": "paper", "questions": "Is it new?\n\nIs it true?",
            "opens_at": "2026-10-01T08:00", "due_at": "2026-10-30T23:59", "queue": "grading", "minutes": "5", "memory_gib": "2",
            "description": "Two pages on a paper of your choice.",
        }  # fmt: skip

        answer = as_person(client, world.lecturer).post("/courses/dl/assignments/new/", sent)

        found = Assignment.objects.get(slug="review")
        assert answer.url == "/courses/dl/assignments/review/"
        assert (found.kind, found.questions) == ("paper", ["Is it new?", "Is it true?"])
        assert found.criteria.count() == 3
        page = words_of(client.get(answer.url))
        assert "Is it true?" in page
        assert "Instructor notebook" not in page

    def test_its_kind_stays(self, client, world, essay):
        page = as_person(client, world.lecturer).get(PAGE + "edit/")

        assert "kind" not in page.context["form"].fields

    def test_criteria_are_changed_and_what_was_marked_by_them_waits_again(self, client, world, essay, criteria):
        submission = hand_in(world, essay)
        mark_all(submission, world.ta, criteria)
        assert not item_of(submission).needs_review

        change_criteria(assignment=essay, wanted=[(0, "All of it", Decimal(10))])

        assert item_of(submission).needs_review
        assert claim_next(assignment=essay, by=world.ta).submission == submission


class TestHandingIn:
    def test_by_the_page_with_a_receipt(self, client, world, essay):
        now = timezone.now()
        Assignment.objects.filter(pk=essay.pk).update(opens_at=now - HOUR, due_at=now + HOUR)
        sent = {"paper": SimpleUploadedFile("essay.pdf", PAPER)}

        answer = as_person(client, world.student).post(PAGE + "submit/", sent)

        assert answer.url == f"{PAGE}submissions/{world.student.pk}/1/"
        page = words_of(client.get(answer.url))
        assert "Format check" in page
        assert "Read the notebook" not in page
        assert Run.objects.get().notebook is None
        assert OutgoingMail.objects.get(subject="Received: Essay, version 1").recipient == world.student.user.email

    def test_what_is_no_pdf_is_refused_beside_the_field(self, client, world, essay):
        Assignment.objects.filter(pk=essay.pk).update(opens_at=timezone.now() - HOUR, due_at=timezone.now() + HOUR)
        sent = {"paper": SimpleUploadedFile("essay.pdf", b"GIF89a")}

        answer = as_person(client, world.student).post(PAGE + "submit/", sent)

        assert answer.status_code == 422
        assert "Not handed in." in words_of(answer)
        assert not essay.submissions.exists()

    def test_the_pages_are_pictures_for_who_may_read_it(self, client, world, essay):
        hand_in(world, essay)
        page = f"{PAGE}submissions/{world.student.pk}/1/pages/1.png"

        for who, status in (("student", 200), ("ta", 200), ("classmate", 404), ("other_ta", 404), ("stranger", 404)):
            assert as_person(client, getattr(world, who)).get(page).status_code == status, who


class TestMarking:
    def test_the_desk_shows_pages_and_criteria(self, client, world, essay, criteria):
        groups.looked_at(hand_in(world, essay))
        as_person(client, world.ta)

        desk = client.get(client.get(PAGE + "review/").url)

        said = words_of(desk)
        assert "What do you doubt?" in said
        assert desk.content.decode().count("<figure") == 3
        assert "<iframe" not in desk.content.decode()

    def test_saved_at_the_desk(self, client, world, essay, criteria):
        submission = hand_in(world, essay)
        address = as_person(client, world.ta).get(PAGE + "review/").url
        page = client.get(address)
        sent = {f"points-c{each.pk}": f"{each.points / 2:f}" for each in criteria}
        sent |= {f"comment-c{each.pk}": "" for each in criteria} | {"seen": "0", "key": str(page.context["key"])}

        client.post(address, sent)

        assert item_of(submission).grade.total == 50

    def test_a_rubric_for_a_criterion(self, client, world, essay, criteria):
        hand_in(world, essay)
        cell = f"c{criteria[0].pk}"

        page = as_person(client, world.ta).get(f"{PAGE}rubric/?cell={cell}")
        add_item(assignment=essay, grade_id=cell, text="Names three papers", points=Decimal(20))

        assert page.status_code == 200
        assert "Names three papers" in words_of(client.get(client.get(PAGE + "review/").url))

    def test_notes_on_places_are_read_with_the_release(self, client, world, essay, criteria):
        submission = groups.looked_at(hand_in(world, essay))
        sent = {"text": "Say why.", "page": "1", "left": "100", "top": "100", "width": "200", "height": "50"}
        desk = f"{PAGE}submissions/{world.student.pk}/1/"
        as_person(client, world.ta).post(desk + "notes/", sent)
        mark_all(submission, world.ta, criteria)
        assert "Say why." not in words_of(as_person(client, world.student).get(desk))

        release_grades(assignment=essay, by=world.lecturer, students=[world.student])
        Note.objects.update(withdrawn_at=timezone.now())

        page = client.get(desk)
        assert "Page 1 : Say why." in words_of(page)
        assert 'class="note-place" x="100"' in page.content.decode()

    def test_without_names_the_file_is_not_given_out(self, client, world, essay):
        hand_in(world, essay)
        User.objects.filter(pk=world.student.user_id).update(name="Wilhelmina Quist")
        Assignment.objects.filter(pk=essay.pk).update(is_anonymous=True)
        base = f"{PAGE}submissions/{world.student.pk}/1/"
        as_person(client, world.ta)

        assert client.get(base + "file/").status_code == 404
        assert client.get(base + "receipt/").status_code == 404
        assert client.get(base + "pages/1.png").status_code == 200
        assert "Quist" not in words_of(client.get(base + "review/"))
        assert as_person(client, world.lecturer).get(base + "file/").status_code == 200


class TestGrades:
    def test_late_released_in_the_gradebook_and_computed_twice(self, client, world, essay, criteria):
        make.make_scheme(world.course, essay)
        submission = hand_in(world, essay, late=2 * HOUR)
        mark_all(submission, world.ta, criteria, share=Decimal("0.8"))

        release_grades(assignment=essay, by=world.lecturer, students=[world.student])

        shown = ReleasedGrade.objects.get()
        assert (shown.total, shown.factor, shown.maximum) == (72, Decimal("0.9"), 100)
        assert gradebook(world.student, [world.student]).rows[0].cells[0].total == (72, 100)
        assert (recompute().grades, recompute().different) == (1, 0)
        assert "72" in words_of(as_person(client, world.student).get("/courses/dl/grades/"))

    def test_an_appeal_names_what_was_asked(self, client, world, essay, criteria):
        submission = hand_in(world, essay)
        mark_all(submission, world.ta, criteria, share=Decimal("0.5"))
        release_grades(assignment=essay, by=world.lecturer, students=[world.student])
        released = released_or_404(world.student, essay)

        request = request_regrade(
            released=released, student=world.student, grade_id=f"c{criteria[1].pk}", reason="I did.", at=timezone.now()
        )

        assert "What do you doubt?" in words_of(as_person(client, world.ta).get(f"/courses/dl/regrades/{request.pk}/"))

    def test_other_points_ask_for_another_mark_and_the_same_ones_keep_it(self, world, essay, criteria):
        submission = hand_in(world, essay)
        mark_all(submission, world.ta, criteria)
        wanted = [(c.pk, c.text, c.points) for c in criteria]

        change_criteria(assignment=essay, wanted=[(wanted[0][0], "Reworded", wanted[0][2]), *wanted[1:]])
        assert item_of(submission).grade.total == 100

        change_criteria(assignment=essay, wanted=[(*wanted[0][:2], wanted[0][2] + 5), *wanted[1:]])
        grade = item_of(submission).grade
        assert (grade.waiting, grade.manual, grade.maximum) == (1, 60, 105)

    def test_nobody_who_handed_in_nothing_has_a_grade(self, world, essay, criteria):
        hand_in(world, essay)

        items = grades_for([essay], [world.student, world.classmate])

        assert items[essay.pk, world.classmate.pk].grade is None
        assert items[essay.pk, world.classmate.pk].state == "missing"


class TestGroups:
    @pytest.fixture
    def owls(self, world, essay):
        pairs = GroupSet.objects.create(course=world.course, slug="pairs", title="Pairs", across_sections=True)
        essay.group_set = pairs
        essay.save()
        group = make_group(group_set=pairs, by=world.student, name="Owls", now=DUE - timedelta(days=30))
        join_group(group_set=pairs, by=world.classmate, code=group.code, now=DUE - timedelta(days=30))
        return group

    def test_a_groups_paper_is_marked_once_for_both(self, client, world, essay, criteria, owls):
        submission = hand_in(world, essay, owls)
        write_note(submission=submission, by=world.ta, text="Good.", anchor={})
        mark_all(submission, world.ta, criteria)

        release_grades(assignment=essay, by=world.lecturer, students=[world.student, world.classmate])

        assert ReleasedGrade.objects.count() == 2
        page = words_of(as_person(client, world.classmate).get(f"{PAGE}submissions/g{owls.pk}/1/"))
        assert "Good." in page
        assert "100" in page
