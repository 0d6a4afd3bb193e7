"""A lecturer decides otherwise: a fact with its reason that stands over what the rules come to."""

import csv
import io
from decimal import Decimal

import pytest

from courses.models import OutgoingMail
from gradebook.standings.selectors import gradebook
from gradebook.table.selectors import figures_of
from grading.models import Mark, Ruling
from grading.selectors.grades import grades_of
from grading.services.marks import NewMark, record_marks
from grading.services.recomputation import recompute
from grading.services.reviews import claim_next
from grading.services.rulings import RulingRefused, rule
from tests import entered
from tests import factories as make
from tests.pages import address_of, as_person, words_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made)
    make.make_scheme(world.course, world.assignment)
    return made


@pytest.fixture
def cell(world):
    return f"/courses/dl/gradebook/{world.assignment.slug}/{world.student.pk}/"


def mark(submission, by, points=2):
    new = {"analysis": NewMark(D(points), "")}
    record_marks(submission=submission, by=by, marks=new, maxima={"analysis": D(3)}, seen=0)


def ruled(world, *, points=None, code="", reason="Heard the talk.", student=None):
    student = student or world.student
    points = None if points is None else D(points)
    return rule(
        assignment=world.assignment, student=student, by=world.lecturer, reason=reason, points=points, code=code
    )


def item_of(world, student=None):
    student = student or world.student
    return grades_of([world.assignment], [student])[world.assignment.pk, student.pk]


class TestPoints:
    def test_they_stand_over_what_is_reckoned_and_are_explained(self, world, submission):
        mark(submission, world.ta)
        ruled(world, points="5.5")

        grade = item_of(world).grade
        assert grade.total == D("5.5")
        assert grade.sentence == "(3 auto + 2 manual) × 1.0, on time = 5 of 6; set to 5.5 by the lecturer"

    def test_they_make_unmarked_work_complete_and_take_it_out_of_the_queue(self, world, submission):
        assert claim_next(assignment=world.assignment, by=world.ta) is not None
        ruled(world, points=4)

        assert item_of(world).state == "ready"
        assert claim_next(assignment=world.assignment, by=world.ta) is None

    def test_students_see_them_once_released_with_the_sentence(self, client, world, submission):
        mark(submission, world.ta)
        make.release_of(submission, world.lecturer)
        ruled(world, points=6)
        assert item_of(world).state == "changed"
        assert "5 of 6" in words_of(as_person(client, world.student).get(address_of(submission)))

        released = make.release_of(submission, world.lecturer)

        assert (released.total, released.ruled) == (6, 6)
        assert item_of(world).state == "released"
        assert "set to 6 by the lecturer" in words_of(as_person(client, world.student).get(address_of(submission)))

    def test_the_second_route_knows_them(self, world, submission):
        mark(submission, world.ta)
        ruled(world, points=1)
        make.release_of(submission, world.lecturer)
        ruled(world, points=3)

        found = recompute()

        assert (found.grades, found.different) == (1, 0)

    def test_taking_it_back_returns_to_what_is_reckoned(self, world, submission):
        mark(submission, world.ta)
        ruled(world, points=1)
        ruled(world, reason="I was wrong.")

        assert item_of(world).grade.total == 5
        assert Ruling.objects.count() == 2

    @pytest.mark.parametrize("points", ["7", "-1"])
    def test_more_than_there_is_or_less_than_nothing_is_refused(self, world, submission, points):
        with pytest.raises(RulingRefused, match="Give from 0 to 6 points"):
            ruled(world, points=points)

    def test_nothing_handed_in_has_no_points_to_set(self, world, submission):
        with pytest.raises(RulingRefused, match="no graded submission"):
            ruled(world, points=1, student=world.classmate)


class TestWords:
    def test_exempt_holds_and_is_told_at_once_and_can_be_taken_back(self, client, world, submission):
        ruled(world, code="exempt", reason="Took it last year.")

        mail = OutgoingMail.objects.latest("pk")
        assert (mail.subject, "Took it last year." in mail.body) == ("Numbers: exempt", True)
        assert "Exempt: does not count" in words_of(as_person(client, world.student).get("/courses/dl/grades/"))
        assert gradebook(world.lecturer, [world.student]).rows[0].standing.highest == 100

        ruled(world, reason="That was somebody else.")
        assert OutgoingMail.objects.latest("pk").subject == "Numbers: counts as usual"
        assert item_of(world).code == ""

    def test_absent_counts_0_although_the_part_is_optional(self, world, submission):
        ruled(world, code="absent", student=world.classmate)

        assert gradebook(world.lecturer, [world.classmate]).rows[0].standing.highest == 80

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"points": 1, "code": "exempt"}, "not both"),
            ({"reason": ""}, "Say why"),
            ({}, "no ruling to take back"),
        ],
    )
    def test_what_makes_no_sense_is_said(self, world, submission, fields, said):
        with pytest.raises(RulingRefused, match=said):
            ruled(world, **fields)
        assert not Ruling.objects.exists()

    def test_a_double_click_is_one_ruling_and_one_mail(self, world, submission):
        before = OutgoingMail.objects.count()
        for _ in range(2):
            ruled(world, code="deferred")
        assert (Ruling.objects.count(), OutgoingMail.objects.count()) == (1, before + 1)

    @pytest.mark.parametrize(("code", "written"), [("absent", "0.00"), ("exempt", ""), ("deferred", "")])
    def test_a_word_holds_in_files_figures_and_filters_whatever_was_reckoned(
        self, client, world, submission, code, written
    ):
        mark(submission, world.ta)
        ruled(world, code=code)
        as_person(client, world.lecturer)

        rows = list(
            csv.DictReader(io.StringIO(client.get("/courses/dl/gradebook/moodle.csv").content.decode("utf-8-sig")))
        )
        book = gradebook(world.lecturer, [world.student])
        figures = figures_of(book)[0]

        mine = next(row for row in rows if row["Email address"] == world.student.user.email)
        assert mine["Numbers"] == written
        assert (figures.graded, figures.mean) == ((1, 0) if code == "absent" else (0, None))
        assert "Student" in words_of(client.get("/courses/dl/gradebook/?only=open&q=student"))

    def test_a_grade_under_a_word_is_not_released_beside_it(self, client, world, submission):
        mark(submission, world.ta)
        ruled(world, code="absent")

        page = words_of(
            as_person(client, world.lecturer).post("/courses/dl/assignments/numbers/release/", {}, follow=True)
        )

        assert "Nothing to release" in page

    def test_an_accepted_regrade_under_ruled_points_says_that_they_stand(self, client, world, submission):
        mark(submission, world.ta)
        ruled(world, points=2)
        request = make.ask_for_regrade(make.release_of(submission, world.lecturer), world.student)
        form = {"decide": "1", "state": "accepted", "points": "3", "text": "Yes", "seen": Mark.objects.latest("pk").pk}

        page = words_of(
            as_person(client, world.lecturer).post(f"/courses/dl/regrades/{request.pk}/", form, follow=True)
        )

        assert "its total stays as ruled" in page


class TestCell:
    def test_all_that_happened_stands_there_in_order(self, client, world, submission, cell):
        mark(submission, world.ta)
        make.release_of(submission, world.lecturer)
        ruled(world, points=6, reason="An appeal.")

        page = words_of(as_person(client, world.ta).get(cell))

        said = [
            "Handed in version 1",
            "Tests of version 1 ran",
            "analysis of version 1: 2 points",
            "Released: (3 auto",
            "Ruled 6 points: An appeal.",
        ]
        places = [page.index(each) for each in said]
        assert places == sorted(places)
        assert "Decide otherwise" not in page

    def test_the_lecturer_rules_there(self, client, world, submission, cell):
        mark(submission, world.ta)
        as_person(client, world.lecturer)

        assert client.post(cell, {"points": "9", "code": "", "reason": "x"}).status_code == 422
        assert client.post(cell, {"points": "2", "code": "", "reason": ""}).status_code == 422
        page = words_of(client.post(cell, {"points": "4", "code": "", "reason": "Agreed."}, follow=True))

        assert "Ruled 4 points: Agreed." in page
        assert item_of(world).grade.total == 4

    def test_entered_marks_have_their_history_too(self, client, world, submission):
        exam = world.course.assignments.entered().get()
        for percent, note in ((60, "First count"), (65, "")):
            entered.enter(exam, world.lecturer, world.student, percent, note=note)
        as_person(client, world.lecturer)

        page = words_of(client.get(f"/courses/dl/gradebook/{exam.slug}/{world.student.pk}/"))

        assert page.index("Entered: 60 % (First count)") < page.index("Entered: 65 %")
        assert "Handed in" not in page

    @pytest.mark.parametrize(
        "path", ["assignment/999/{s}", "item/999/{s}", "stage/1/{s}", "talk/1/{s}", "assignment/{a}/999"]
    )
    def test_what_does_not_exist_is_not_found(self, client, world, submission, path):
        found = path.format(s=world.student.pk, a=world.assignment.pk)
        assert as_person(client, world.lecturer).get(f"/courses/dl/gradebook/{found}/").status_code == 404

    def test_nothing_yet_is_said(self, client, world, submission):
        page = f"/courses/dl/gradebook/{world.assignment.slug}/{world.classmate.pk}/"
        assert "Nothing yet" in words_of(as_person(client, world.lecturer).get(page))
