"""Notes on single cells and outputs: for staff at once, for students as a release froze them."""

import pytest

from courses.models import Role
from grading.marking.services import state_conflict
from grading.models import Note, ReleasedGrade
from grading.notes.forms import NoteRefused, anchor_in
from grading.notes.services import withdraw_note, write_note
from grading.selectors.grades import grades_of
from tests import factories as make
from tests.pages import address_of, as_person, text_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(world):
    made = make.make_submission(world.assignment, world.student)
    make.run_of(made, analysis="passed")
    return made


def note(submission, by, text="Why twice?", cell="2", output=""):
    return write_note(
        submission=submission, by=by, text=text, anchor=anchor_in("cells", {"cell": cell, "output": output})
    )


def state_of(world):
    return grades_of([world.assignment], [world.student])[world.assignment.pk, world.student.pk].state


class TestWriting:
    def test_on_the_desk_with_a_link_to_the_cell(self, client, world, submission):
        as_person(client, world.ta)
        form = {"cell": "2", "output": "1", "text": "Why twice?"}

        page = client.post(address_of(submission, "notes/"), form, follow=True)

        assert "Noted." in words_of(page)
        assert "Cell 2, output 1 : Why twice? Ta" in words_of(page)
        assert "frame/#cell-2" in text_of(page)

    def test_a_double_click_is_one_note(self, world, submission):
        assert note(submission, world.ta) == note(submission, world.ta)
        assert note(submission, world.ta, output="1") != note(submission, world.lecturer, output="1")
        assert Note.objects.count() == 3

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"cell": ""}, "Which cell?"), ({"cell": "0"}, "Which cell?"), ({"cell": "two"}, "“two” is no number of a cell."),
            ({"cell": "-1"}, "no number of a cell"), ({"cell": "9" * 400}, "no number of a cell"), ({"cell": "٣"}, "no number"),
            ({"output": "x"}, "no number of an output"), ({"text": " \x00 "}, "Write the note first."),
        ],
    )  # fmt: skip
    def test_what_is_no_note_is_said_and_what_was_typed_stays(self, client, world, submission, fields, said):
        form = {"cell": "2", "output": "", "text": "Kept words", **fields}
        page = as_person(client, world.ta).post(address_of(submission, "notes/"), form, follow=True)

        assert said in words_of(page)
        assert "text" in fields or "Kept words</textarea>" in text_of(page)
        assert not Note.objects.exists()
        assert "Kept words" not in text_of(client.get(address_of(submission, "review/")))

    def test_one_takes_ones_own_back_and_the_lecturer_any(self, client, world, submission):
        mine, theirs = note(submission, world.ta), note(submission, world.lecturer, "Mine")
        as_person(client, world.ta)

        page = client.post(address_of(submission, "notes/"), {"withdraw": theirs.pk}, follow=True)
        assert "Only whoever wrote a note" in words_of(page)
        client.post(address_of(submission, "notes/"), {"withdraw": mine.pk})
        assert list(Note.objects.filter(withdrawn_at=None)) == [theirs]
        other = note(submission, world.ta, "Again")
        assert withdraw_note(submission=submission, by=world.lecturer, note=str(other.pk))

    @pytest.mark.parametrize("key", ["", "x", "9" * 5000, "0"])
    def test_what_is_no_note_is_not_taken_back(self, world, submission, key):
        assert not withdraw_note(submission=submission, by=world.lecturer, note=key)

    def test_whoever_has_a_conflict_notes_nothing(self, client, world, submission):
        state_conflict(marker=world.ta, student=world.student, reason="x", by=world.lecturer)
        as_person(client, world.ta).post(address_of(submission, "notes/"), {"cell": "1", "text": "x"})
        assert not Note.objects.exists()

    def test_student_assistants_may(self, client, world, submission):
        as_person(client, make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section))
        client.post(address_of(submission, "notes/"), {"cell": "1", "text": "x"})
        assert Note.objects.count() == 1

    def test_strange_text_stays_text(self, client, world, submission):
        note(submission, world.ta, "<script>alert(1)</script>")
        make.release_of(submission, world.lecturer)
        for person, tail in ((world.ta, "review/"), (world.student, "")):
            body = as_person(client, person).get(address_of(submission, tail)).content.decode()
            assert "<script>alert" not in body
            assert "&lt;script&gt;alert" in body


class TestShowing:
    def test_a_student_reads_it_once_released_as_it_was_then(self, client, world, submission):
        first = note(submission, world.ta)
        as_person(client, world.student)
        assert "Why twice?" not in words_of(client.get(address_of(submission)))

        make.release_of(submission, world.lecturer)
        withdraw_note(submission=submission, by=world.ta, note=str(first.pk))
        note(submission, world.ta, "Later words")

        page = client.get(address_of(submission))
        assert "Cell 2 : Why twice? Ta" in words_of(page)
        assert "Later words" not in words_of(page)
        assert "read/?cell=2" in text_of(page)
        assert state_of(world) == "changed"
        make.release_of(submission, world.lecturer)
        assert "Later words" in words_of(client.get(address_of(submission)))
        assert state_of(world) == "released"

    def test_grades_released_before_there_were_notes_are_as_they_were(self, world, submission):
        released = make.release_of(submission, world.lecturer)
        assert released.notes == []
        assert state_of(world) == "released"

    @pytest.mark.parametrize(
        ("asked", "shown"), [("2", "frame/#cell-2"), ("x", "frame/"), ('2"><b>', "frame/"), ("123456", "frame/")]
    )
    def test_the_notebook_opens_at_the_cell(self, client, world, submission, asked, shown):
        body = text_of(as_person(client, world.student).get(address_of(submission, "read/"), {"cell": asked}))
        assert f'{shown}"' in body

    def test_another_version_has_its_own(self, client, world, submission):
        note(submission, world.ta)
        again = make.make_submission(world.assignment, world.student, analysis="Other")
        make.run_of(again, analysis="passed")

        assert "Why twice?" not in words_of(as_person(client, world.ta).get(address_of(again, "review/")))
        make.release_of(again, world.lecturer)
        assert ReleasedGrade.objects.get().notes == []

    def test_refusals_are_sentences(self, world, submission):
        with pytest.raises(NoteRefused, match="Which cell"):
            note(submission, world.ta, cell="")
