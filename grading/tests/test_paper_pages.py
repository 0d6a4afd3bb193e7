"""Pages of groups' work: pictures, the sheet, notes, more time; and that every deliverable is in somebody's queue."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from courses.models import Course, Role
from grading.entered.selectors import EnteredGrade, entered_grades
from grading.models import PageImage, PaperNote
from grading.papers.selectors import works_in_reach
from grading.services.pages import draw_ahead, page_image
from groups.members.selectors import groups_in_reach
from papercheck.tests.papers import made
from tests import factories as make
from tests import groups
from tests.pages import as_person, words_of

D = Decimal
HOUR = timedelta(hours=1)
STAGE = "/courses/dl/project/stages/proposal/"
EXTENSIONS = "/courses/dl/assignments/proposal/extensions/"


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


def grade_of(stage, student) -> EnteredGrade:
    found = entered_grades(stage.course, [student])
    return found.get((stage.pk, student.pk), EnteredGrade())


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
        answer = as_person(client, world.student).get(STAGE + f"groups/{owls.pk}/1/pages/1.png")

        assert (answer["Content-Type"], answer.content[:4]) == ("image/png", b"\x89PNG")
        assert client.get(STAGE + f"groups/{owls.pk}/1/pages/9.png").status_code == 404
        assert as_person(client, world.other_ta).get(STAGE + f"groups/{owls.pk}/1/pages/1.png").status_code == 404


@pytest.mark.django_db
class TestPages:
    def test_a_ta_marks_from_the_list_to_the_end(self, client, world, stage, criteria, owls, paper):
        as_person(client, world.ta)
        assert "0 of 1 group marked · 1 waits" in words_of(client.get(STAGE + "papers/"))
        assert client.get(STAGE + "papers/next/").url == STAGE + f"groups/{owls.pk}/1/review/"
        first, second = criteria
        sent = {f"points-{first.pk}": "45", f"comment-{first.pk}": "Good.", f"points-{second.pk}": "40", "seen": "0"}

        refused = client.post(STAGE + f"groups/{owls.pk}/1/review/", sent | {f"points-{second.pk}": "41"})
        saved = client.post(STAGE + f"groups/{owls.pk}/1/review/", sent | {"next": "1"}, follow=True)

        assert "At most 40." in words_of(refused)
        assert "Saved. Nothing waits for you here." in words_of(saved)
        assert "Owls Student, Classmate Version 1 on time Marked 85" in words_of(saved)
        stale = client.post(STAGE + f"groups/{owls.pk}/1/review/", sent | {f"points-{first.pk}": "1"})
        assert "Somebody else has marked this meanwhile." in words_of(stale)

    def test_a_comment_alone_asks_for_points(self, client, world, stage, criteria, owls, paper):
        answer = as_person(client, world.ta).post(
            STAGE + f"groups/{owls.pk}/1/review/", {f"comment-{criteria[0].pk}": "Hm."}
        )

        assert "Give points too" in words_of(answer)

    def test_notes_with_and_without_a_place(self, client, world, stage, criteria, owls, paper):
        page = STAGE + f"groups/{owls.pk}/1/note/"
        as_person(client, world.ta)
        client.post(page, {"page": "1", "left": "100", "top": "200", "width": "50", "height": "20", "text": "Why?"})
        client.post(page, {"page": "", "text": "On the whole fine."})
        client.post(page, {"page": "1", "left": "9999", "top": "x", "width": "50", "height": "20", "text": "No place."})

        assert [(n.page, n.left, n.text) for n in PaperNote.objects.order_by("pk")] == [
            (1, 100, "Why?"), (0, None, "On the whole fine."), (1, None, "No place."),
        ]  # fmt: skip
        review = client.get(STAGE + f"groups/{owls.pk}/1/review/").content.decode()
        assert '<rect class="note-place" x="100" y="200" width="50" height="20"/>' in review
        client.post(page, {"remove": str(PaperNote.objects.first().pk)})
        assert PaperNote.objects.filter(removed_at=None).count() == 2

    def test_an_older_version_is_not_marked(self, client, world, stage, criteria, owls, paper):
        groups.make_deliverable(stage, owls, late=HOUR)

        answer = as_person(client, world.ta).get(STAGE + f"groups/{owls.pk}/1/review/", follow=True)

        assert "Another version counts" in words_of(answer)
        assert "Make this version count" in words_of(answer)

    def test_giving_more_time_shows_what_it_does_first(self, client, world, stage, criteria, owls):
        groups.make_deliverable(stage, owls, late=26 * HOUR)
        groups.mark_group(stage, owls, world.ta, 60, 40)
        until = (stage.due_at + 72 * HOUR).strftime("%Y-%m-%dT%H:%M")
        sent = {"group": owls.pk, "due_at": until, "reason": "Ill."}

        shown = as_person(client, world.ta).post(EXTENSIONS, sent)
        assert "What it would do" in words_of(shown)
        assert grade_of(stage, world.student).grade.total == 70
        client.post(EXTENSIONS, sent | {"seen": shown.context["seen"]})

        assert grade_of(stage, world.student).grade.total == 100
        row = stage.extensions.get()
        shown = client.post(EXTENSIONS + f"{row.pk}/withdraw/", {"reason": "Wrong group."})
        client.post(EXTENSIONS + f"{row.pk}/withdraw/", {"reason": "Wrong group.", "seen": shown.context["seen"]})
        assert "Withdrawn" in words_of(client.get(EXTENSIONS))


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

        queues = {ta.pk: [w.counting for w in works_in_reach(ta, project, stage) if w.counting] for ta in tas}

        assert any(paper in queue for queue in queues.values())
        for ta in tas:
            mine = set(ta.sections.all())
            covers = owner in mine or any(mine & set(student.sections.all()) for student in students)
            assert not covers or paper in queues[ta.pk]
        assert groups_in_reach(make.enrol(course, Role.LECTURER), project.group_set) == [group]
