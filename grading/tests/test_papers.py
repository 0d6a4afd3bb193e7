"""What papers are marked by, notes on their pages, pictures of them, and that every paper is in somebody's queue."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assignments.models import Assignment
from courses.models import Course, Role
from grading.models import Criterion, Note, PageImage
from grading.notes.forms import NoteRefused
from grading.notes.services import withdraw_note, write_note
from grading.papers.services import change_criteria, criteria_from_questions
from grading.policy.papers import mean_sheet, percent_to_four_places
from grading.selectors.queues import submissions_in_reach
from grading.services.pages import draw_ahead, page_image
from groups.members.selectors import groups_in_reach
from papercheck.tests.papers import made
from tests import factories as make
from tests import groups
from tests.pages import as_person, text_of, words_of

D = Decimal
HOUR = timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/"


@pytest.fixture
def project(world):
    return groups.make_project(world.course)


@pytest.fixture
def stage(project):
    return groups.stage_of(project)


@pytest.fixture
def criteria(stage):
    return groups.make_criteria(stage, 60, 40)


@pytest.fixture
def owls(world, project):
    return groups.make_group(project, world.student, world.classmate, name="Owls")


@pytest.fixture
def paper(stage, owls):
    return groups.make_deliverable(stage, owls)


POINTS = st.decimals(0, 100, places=3)


class TestMeans:
    """Of a talk that several mark, against fractions."""

    def test_the_mean_of_those_who_filled_in_all_of_it(self):
        sheets = [{"a": D(9), "b": D(1)}, {"a": D(8), "b": D(2)}, {"a": D(1)}, {}]

        assert mean_sheet(sheets, ["a", "b"]) == {"a": D("8.5"), "b": D("1.5")}
        assert mean_sheet([{"a": D(1)}], ["a", "b"]) == {}
        assert mean_sheet([{}], []) == {}

    def test_three_thirds_of_ten_are_ten(self):
        sheets = [dict.fromkeys("abc", D(10)), dict.fromkeys("abc", D(0)), dict.fromkeys("abc", D(0))]

        assert sum(mean_sheet(sheets, "abc").values()) == 10

    @given(st.lists(st.lists(POINTS, min_size=4, max_size=4), min_size=1, max_size=7))
    def test_they_sum_to_the_mean_of_the_sums(self, rows):
        sheets = [dict(zip("abcd", row, strict=True)) for row in rows]
        exact = sum((Fraction(point) for row in rows for point in row), Fraction()) / len(rows)

        found = mean_sheet(sheets, "abcd")

        assert abs(Fraction(sum(found.values())) - exact) <= Fraction(1, 10**7)
        for line in "abcd":
            mean = sum((Fraction(sheet[line]) for sheet in sheets), Fraction()) / len(sheets)
            assert abs(Fraction(found[line]) - mean) <= Fraction(1, 10**7)
            assert found[line] >= 0

    @given(st.fractions(-10, 110))
    def test_a_percentage_lies_within_the_scale(self, percent):
        assert 0 <= percent_to_four_places(percent) <= 100


@pytest.mark.django_db
class TestCriteria:
    def test_the_questions_are_proposed_and_share_eighty_points(self, stage):
        stage.questions = ["One?", "Two?", "Three?"]

        rows = criteria_from_questions(stage)

        assert [row[1] for row in rows] == ["One?", "Two?", "Three?", "Writing, figures and format"]
        assert [row[2] for row in rows] == [26, 26, 26, 22]

    def test_a_line_with_marks_whose_points_change_begins_anew(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 45, 40)
        first, second = criteria

        change_criteria(assignment=stage, wanted=[(first.pk, "Renamed", D(60)), (second.pk, "Smaller", D(20))])

        there = list(Criterion.objects.filter(retired_at=None))
        assert [(c.text, c.points, c.pk == first.pk) for c in there] == [("Renamed", 60, True), ("Smaller", 20, False)]
        assert groups.grade_of(stage, world.student).state == "review"

    def test_a_line_that_is_taken_out_reaches_the_members(self, world, stage, criteria, owls, paper):
        groups.mark_group(stage, owls, world.ta, 60, 0)

        change_criteria(assignment=stage, wanted=[(criteria[0].pk, "Only this", D(60))])

        assert groups.total_of(stage, world.student) == 60
        assert groups.grade_of(stage, world.student).raw_percent == 100

    def test_the_database_wants_points(self, stage):
        with pytest.raises(IntegrityError), transaction.atomic():
            Criterion.objects.create(assignment=stage, text="x", points=0)

    def test_the_page(self, client, world, stage):
        page = f"/courses/{world.course.slug}/assignments/{stage.slug}/criteria/"
        proposed = as_person(client, world.lecturer).get(page)
        assert "Nothing is kept until you save." in words_of(proposed)

        bad = client.post(page, {"text-0": "Novel", "points-0": "none"})
        assert bad.status_code == 422
        assert 'value="Novel"' in bad.content.decode()
        client.post(
            page,
            {"text-0": "Novel", "points-0": "30", "text-1": "", "points-1": "", "text-2": "Clear", "points-2": "70"},
        )
        assert [(c.text, c.points) for c in Criterion.objects.all()] == [("Novel", 30), ("Clear", 70)]
        assert client.post(page, {}).status_code == 422


@pytest.mark.django_db
class TestNotes:
    def test_they_belong_to_their_author(self, world, paper):
        note = write_note(submission=paper, by=world.ta, text="x", anchor={"page": 1})

        assert not withdraw_note(submission=paper, by=world.other_ta, note=str(note.pk))
        with pytest.raises(NoteRefused, match="Write the note"):
            write_note(submission=paper, by=world.ta, text="", anchor={"page": 1})
        assert withdraw_note(submission=paper, by=world.lecturer, note=str(note.pk))
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(submission=paper, author=world.ta, text="x", page=1, left=3)

    def test_with_and_without_a_place(self, client, world, stage, criteria, owls, paper):
        groups.looked_at(paper)
        page = f"{PAGE}submissions/g{owls.pk}/1/notes/"
        as_person(client, world.ta)
        client.post(page, {"page": "1", "left": "100", "top": "200", "width": "50", "height": "20", "text": "Why?"})
        client.post(page, {"page": "", "text": "On the whole fine."})
        client.post(page, {"page": "1", "left": "9999", "top": "x", "width": "50", "height": "20", "text": "No place."})

        assert [(n.page, n.left, n.text) for n in Note.objects.order_by("pk")] == [
            (1, 100, "Why?"), (None, None, "On the whole fine."), (1, None, "No place."),
        ]  # fmt: skip
        review = text_of(client.get(f"{PAGE}submissions/g{owls.pk}/1/review/"))
        assert '<rect class="note-place" x="100" y="200" width="50" height="20"/>' in review
        client.post(page, {"withdraw": str(Note.objects.first().pk)})
        assert Note.objects.filter(withdrawn_at=None).count() == 2


@pytest.mark.django_db
def test_a_paper_that_was_looked_at_is_not_called_ungraded(client, world, paper, criteria, owls):
    groups.looked_at(paper)
    page = words_of(as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/"))
    assert "shown after release" in page
    assert "could not be graded" not in page


@pytest.mark.django_db
class TestPictures:
    def test_a_page_is_drawn_once_and_kept(self, paper):
        drawn = page_image(paper.file, 1)

        assert page_image(paper.file, 1) == drawn
        assert page_image(paper.file, 3) is None
        assert PageImage.objects.exclude(file=None).count() == 1

    def test_the_worker_draws_ahead_and_stops_at_the_last_page(self, stage, owls):
        paper = groups.make_deliverable(stage, owls, content=made.paper(pages=2))

        draw_ahead(submission_id=paper.pk)
        draw_ahead(submission_id=0)

        assert list(PageImage.objects.exclude(file=None).order_by("page").values_list("page", flat=True)) == [1, 2, 3]

    def test_what_cannot_be_drawn_is_no_page(self, stage, owls):
        paper = groups.make_deliverable(stage, owls, content=b"no pdf at all")

        assert page_image(paper.file, 1) is None

    def test_it_is_a_picture_of_ours(self, client, world, paper, owls):
        answer = as_person(client, world.student).get(f"{PAGE}submissions/g{owls.pk}/1/pages/1.png")

        assert (answer["Content-Type"], answer.content[:4]) == ("image/png", b"\x89PNG")
        assert client.get(f"{PAGE}submissions/g{owls.pk}/1/pages/9.png").status_code == 404
        assert as_person(client, world.other_ta).get(f"{PAGE}submissions/g{owls.pk}/1/pages/1.png").status_code == 404

    def test_one_that_cannot_be_drawn_is_tried_once(self, stage, owls, monkeypatch):
        paper = groups.make_deliverable(stage, owls, content=b"no pdf")
        assert page_image(paper.file, 1) is None
        monkeypatch.setattr("grading.services.pages._drawn", lambda *_: pytest.fail("tried again"))

        assert page_image(paper.file, 1) is None
        assert PageImage.objects.get().file is None


class TestEveryQueue(TestCase):
    """No deliverable is outside every TA's queue, whatever the sections of the members."""

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_somebody_has_it(self, data):
        course = make.make_course(f"c{Course.objects.count()}")
        project = groups.bare_project(course, title="P", across_sections=True)
        stage = groups.make_stage(project, slug="report", title="Report", due_at=make.DUE)
        stage.group_set = project.group_set
        sections = [course.sections.create(name=f"S{n}") for n in range(3)]
        tas = []
        for _ in range(data.draw(st.integers(1, 3), label="tas")):
            tas.append(make.enrol(course, Role.TA))
            tas[-1].sections.set(data.draw(st.lists(st.sampled_from(sections), unique=True)))
        students = []
        for _ in range(data.draw(st.integers(1, 4), label="students")):
            students.append(make.enrol(course))
            students[-1].sections.set(data.draw(st.lists(st.sampled_from(sections), max_size=1)))
        owner = data.draw(st.sampled_from([None, *sections]))
        group = groups.make_group(project, *students)
        group.section = owner
        group.save()
        paper = groups.make_deliverable(stage, group)

        stage = Assignment.objects.select_related("course", "group_set").get(pk=stage.pk)
        queues = {ta.pk: [item.history.counting for item in submissions_in_reach(ta, stage)] for ta in tas}

        assert any(paper in queue for queue in queues.values())
        for ta in tas:
            mine = set(ta.sections.all())
            covers = owner in mine or any(mine & set(student.sections.all()) for student in students)
            assert not covers or paper in queues[ta.pk]
        assert groups_in_reach(make.enrol(course, Role.LECTURER), project.group_set) == [group]
