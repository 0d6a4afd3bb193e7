"""Marks of talks: a sheet for each marker, the mean of whole ones, and what becomes of slides."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assignments.extensions import due_times, tell_brought_forward
from assignments.selectors import history_of
from assignments.services import SubmissionRefused, put_back_version
from grading.marking.services import draw_sample
from grading.selectors.grades import item_of
from grading.services.recomputation import recompute
from tests import groups
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
D, HOUR = Decimal, timedelta(hours=1)
PAGE = "/courses/dl/assignments/proposal/"
total_of = groups.total_of


class TestTalks:
    @pytest.fixture
    def last(self, project):
        project.talks = {"groups": 1, "minutes": 10, "ranked_by": "report", "others": "poster"}
        project.save()
        stage = groups.stage_of(project, "presentation")
        groups.make_criteria(stage, 60, 40)
        return stage

    @pytest.fixture
    def talk(self, world, project, last, owls):
        return groups.make_talk(project, owls, by=world.lecturer)

    def test_it_counts_the_mean_of_its_markers(self, client, world, last, owls, talk):
        groups.mark_group(last, owls, world.ta, 60, 30, comment="Clear.")
        groups.mark_group(last, owls, world.lecturer, 50, 40, comment="Fast.")
        groups.mark_group(last, owls, world.lecturer, 50, 20)

        assert total_of(last, world.student) == 80
        groups.release(last, world.lecturer, world.student, world.classmate)
        assert recompute().different == 0
        said = words_of(
            as_person(client, world.student).get(f"/courses/dl/assignments/presentation/submissions/g{owls.pk}/1/")
        )
        assert "Presentation, talk" in said
        assert "80 × 1.0, on time = 80 of 100" in said
        assert "Clear." in said
        assert "Receipt" not in said

    def test_a_sheet_that_is_not_whole_does_not_count(self, world, last, owls, talk):
        groups.mark_group(last, owls, world.ta, 60, 40)
        sheet = history_of(last, owls).counting
        groups.mark_one(sheet, world.lecturer, 0)

        assert total_of(last, world.student) == 100
        groups.release(last, world.lecturer, world.student)
        assert recompute().different == 0

    def test_it_is_never_late_and_slides_beside_it_change_nothing(self, world, last, owls, talk):
        groups.make_deliverable(last, owls)
        groups.mark_group(last, owls, world.ta, 60, 40)
        slides = groups.hand_in(last, owls, world.student, late=30 * HOUR, content=groups.PAPER)

        assert slides.number == 3
        assert history_of(last, owls).counting.is_talk
        assert (history_of(last, owls).factor, total_of(last, world.student)) == (1, 100)
        with pytest.raises(SubmissionRefused, match="its talk counts"):
            put_back_version(submission=slides, by=world.ta, at=timezone.now(), review_began=True, reason="x")

    def test_one_that_is_withdrawn_counts_no_more(self, client, world, last, owls, talk):
        groups.mark_group(last, owls, world.lecturer, 50, 30)
        assert total_of(last, world.student) == 80

        page = "/courses/dl/project/talks/choose/"
        as_person(client, world.lecturer).post(page, {"section": "", "withdraw": talk.pk, "reason": "Ill."})

        assert total_of(last, world.student) is None
        assert history_of(last, owls).counting is None
        groups.make_deliverable(last, owls)
        groups.mark_group(last, owls, world.lecturer, 30, 30)
        assert total_of(last, world.student) == 60

    def test_the_desk_offers_no_slides_of_who_talks(self, client, world, last, owls, talk):
        groups.hand_in(last, owls, world.student)
        page = "/courses/dl/assignments/presentation/"
        as_person(client, world.ta)

        assert "Nothing waits for you here" in words_of(client.get(f"{page}review/", follow=True))
        answer = client.get(f"{page}submissions/g{owls.pk}/1/review/", follow=True)
        assert "its talk is marked, not its slides" in words_of(answer)
        assert "Owls Informatics Talk – Talk –" in words_of(client.get(f"{page}submissions/"))

    def test_every_ta_marks_every_talk_and_nobody_a_strangers_slides(self, client, world, last, owls, talk):
        groups.make_deliverable(last, owls)
        groups.mark_group(last, owls, world.ta, 60, 40)
        page = f"/courses/dl/assignments/presentation/submissions/g{owls.pk}/"
        as_person(client, world.other_ta)

        assert client.get(f"{page}1/review/").status_code == 404
        assert client.get(f"{page}2/review/").status_code == 200
        assert client.get(f"{page}2/file/").status_code == 404
        assert client.get(f"{page}2/receipt/").status_code == 404
        assert as_person(client, world.stranger).get(f"{page}2/").status_code == 404
        assert item_of(history_of(last, owls).counting).raw_percent == 100

    def test_no_page_about_files_takes_it_for_one(self, client, world, last, owls, talk):
        groups.make_deliverable(last, owls)
        groups.mark_group(last, owls, world.ta, 60, 40)
        page = "/courses/dl/assignments/presentation/"
        as_person(client, world.lecturer)

        assert client.get(f"{page}submissions/g{owls.pk}/2/versions/").status_code == 404
        assert "Talk" not in words_of(client.get(f"{page}submissions/g{owls.pk}/1/versions/"))
        assert client.get(f"{page}statistics/").status_code == 200
        assert draw_sample(assignment=last, percent=100, graders=[world.ta, world.lecturer], by=world.lecturer) == 0
        cell = words_of(client.get(f"/courses/dl/gradebook/presentation/{world.student.pk}/"))
        assert "Opened the first sheet of the talk" in cell
        assert "of talk: 60 points" in cell
        assert client.get("/courses/dl/gradebook/registrar.csv").status_code == 200
        assert client.get(f"/api{page}submissions/g{owls.pk}/2/").json()["sentence"].startswith("100")

    def test_a_ta_of_another_section_marks_it_and_does_nothing_else_to_it(self, client, world, last, owls, talk):
        groups.mark_group(last, owls, world.ta, 60, 40)
        page = f"/courses/dl/assignments/presentation/submissions/g{owls.pk}/1/"
        as_person(client, world.other_ta)

        assert client.get(page).status_code == 200
        assert client.post(f"{page}members/", {"student": world.student.pk, "reason": "x"}).status_code == 404
        assert client.post(f"{page}notes/", {"text": "x", "page": "1"}).status_code == 404
        assert client.post(f"{page}review/hold/").status_code == 200

    def test_nobody_who_talks_is_told_to_hurry(self, world, last, owls, talk):
        before = due_times(last)
        last.due_at -= timedelta(days=2)
        last.save()

        assert tell_brought_forward(last, before) == ""
