"""Announcements reach whom they are for, on the pages and by mail; files among the materials are downloads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from courses import storage
from courses.announcements import announcements_for, post_announcement
from courses.downloads import attachment
from courses.models import Announcement, OutgoingMail, Role
from tests import factories as make
from tests.pages import as_person, text_of, words_of

pytestmark = pytest.mark.django_db
PAGE = "/courses/dl/announcements/"
FORM = {"title": "No class on Friday", "text": "We meet **Monday** instead: $x^2$.", "section": "", "by_mail": "on"}


def recipients():
    return set(OutgoingMail.objects.values_list("recipient", flat=True))


def mails_of(*people):
    return {person.user.email for person in people}


class TestTelling:
    def test_a_lecturer_tells_the_whole_course(self, client, world):
        told = as_person(client, world.lecturer).post(PAGE, FORM, follow=True)

        assert "Posted." in words_of(told)
        assert recipients() == mails_of(world.ta, world.other_ta, world.student, world.classmate)
        mail = OutgoingMail.objects.filter(recipient=world.student.user.email).get()
        assert mail.subject == "Deep Learning: No class on Friday"
        assert "We meet **Monday** instead" in mail.body
        assert "/courses/dl/announcements/" in mail.body

    def test_markdown_and_formulas_are_shown_and_scripts_are_not(self, client, world):
        post_announcement(by=world.lecturer, title="T", text="**Bold** $x^2$ <script>alert(1)</script>")

        page = text_of(as_person(client, world.student).get(PAGE))

        assert "<strong>Bold</strong>" in page
        assert "<msup>" in page
        assert "<script>alert" not in page

    def test_without_the_tick_no_mail_goes_out(self, client, world):
        as_person(client, world.lecturer).post(PAGE, {**FORM, "by_mail": ""})

        assert (Announcement.objects.count(), recipients()) == (1, set())

    def test_an_assistant_tells_only_own_sections(self, client, world):
        as_person(client, world.ta).post(PAGE, {**FORM, "section": world.section.pk})

        assert recipients() == mails_of(world.lecturer, world.student, world.classmate)
        assert client.post(PAGE, {**FORM, "section": world.other_section.pk}).status_code == 422
        assert client.post(PAGE, FORM).status_code == 422
        assert Announcement.objects.count() == 1

    def test_students_and_student_assistants_tell_nothing(self, client, world):
        helper = make.enrol(world.course, Role.STUDENT_ASSISTANT, section=world.section)

        for person in (world.student, helper):
            assert as_person(client, person).post(PAGE, FORM).status_code == 403
            assert "Tell the course something" not in words_of(client.get(PAGE))

    def test_students_of_an_unpublished_course_get_no_mail(self, world):
        world.course.is_published = False
        world.course.save()

        post_announcement(by=world.lecturer, title="Staff meeting", text="At nine")

        assert recipients() == mails_of(world.ta, world.other_ta)

    def test_who_left_gets_no_mail(self, world):
        world.student.left_at = make.DUE
        world.student.save()

        post_announcement(by=world.lecturer, title="T", text="x")

        assert world.student.user.email not in recipients()

    def test_a_title_of_two_lines_becomes_one(self, client, world):
        as_person(client, world.lecturer).post(PAGE, {**FORM, "title": "No class\nBcc: x@y.example"})

        assert {mail.subject for mail in OutgoingMail.objects.all()} == {"Deep Learning: No class Bcc: x@y.example"}

    def test_who_sits_in_two_sections_gets_one_mail(self, world):
        world.student.sections.add(world.other_section)

        post_announcement(by=world.lecturer, title="T", text="x")

        assert OutgoingMail.objects.filter(recipient=world.student.user.email).count() == 1


class TestReading:
    def test_each_reads_what_is_for_them(self, world):
        everybody = post_announcement(by=world.lecturer, title="All", text="x")
        one = post_announcement(by=world.lecturer, title="One", text="x", section=world.section)
        other = post_announcement(by=world.lecturer, title="Other", text="x", section=world.other_section)

        assert list(announcements_for(world.student)) == [one, everybody]
        assert list(announcements_for(world.other_ta)) == [other, everybody]
        assert list(announcements_for(world.lecturer)) == [other, one, everybody]

    def test_the_newest_stands_on_the_home_for_two_weeks(self, client, world):
        post_announcement(by=world.lecturer, title="Read this", text="x")

        assert "Read this" in words_of(as_person(client, world.student).get("/courses/dl/"))
        Announcement.objects.update(posted_at=make.DUE.replace(year=2020))
        assert "Read this" not in words_of(client.get("/courses/dl/"))

    def test_the_way_there_is_offered_once_there_is_something(self, client, world):
        as_person(client, world.student)
        assert "Announcements" not in words_of(client.get("/courses/dl/"))

        post_announcement(by=world.lecturer, title="T", text="x")

        assert "Announcements" in words_of(client.get("/courses/dl/"))


class TestRemoving:
    def test_authors_and_lecturers_remove(self, client, world):
        mine = post_announcement(by=world.ta, title="T", text="x", section=world.section)
        other = post_announcement(by=world.ta, title="T", text="x", section=world.section)

        as_person(client, world.ta).post(f"{PAGE}{mine.pk}/remove/")
        as_person(client, world.lecturer).post(f"{PAGE}{other.pk}/remove/")

        assert not Announcement.objects.exists()

    def test_others_do_not(self, client, world):
        announcement = post_announcement(by=world.lecturer, title="T", text="x")

        for person, status in ((world.ta, 404), (world.student, 403), (world.stranger, 404)):
            assert as_person(client, person).post(f"{PAGE}{announcement.pk}/remove/").status_code == status
        assert Announcement.objects.exists()


class TestFiles:
    def test_a_lecturer_puts_a_file_among_the_materials_and_students_load_it(self, client, world):
        upload = SimpleUploadedFile("讲义 week 3.pdf", b"%PDF-1.7 notes")
        form = {"row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "0", "row-0-kind": "notes", "row-0-title": "Notes"}

        as_person(client, world.lecturer).post("/courses/dl/setup/materials/", {**form, "row-0-upload": upload})

        material = world.course.materials.get()
        page = text_of(as_person(client, world.student).get("/courses/dl/syllabus/"))
        assert f'<a href="/courses/dl/materials/{material.pk}/">讲义 week 3.pdf</a>' in page
        loaded = client.get(f"/courses/dl/materials/{material.pk}/")
        assert loaded.content == b"%PDF-1.7 notes"
        assert loaded["Content-Type"] == "application/octet-stream"

    def test_another_file_replaces_it_and_saving_without_one_keeps_it(self, client, world):
        material = world.course.materials.create(kind="notes", title="N", file=storage.store(b"1"), file_name="a.pdf")
        form = {
            "row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "1", "row-0-id": material.pk,
            "row-0-kind": "notes", "row-0-title": "New title",
        }  # fmt: skip
        as_person(client, world.lecturer).post("/courses/dl/setup/materials/", form)
        material.refresh_from_db()
        assert (material.title, material.file_name, storage.read(material.file)) == ("New title", "a.pdf", b"1")

        client.post("/courses/dl/setup/materials/", {**form, "row-0-upload": SimpleUploadedFile("../../b.pdf", b"2")})

        material.refresh_from_db()
        assert (material.file_name, storage.read(material.file)) == ("b.pdf", b"2")

    def test_a_file_of_another_course_is_not_found(self, client, world):
        other = make.make_course("other").materials.create(
            kind="notes", title="N", file=storage.store(b"1"), file_name="a.pdf"
        )

        assert as_person(client, world.student).get(f"/courses/dl/materials/{other.pk}/").status_code == 404

    def test_a_material_without_a_file_has_none(self, client, world):
        plain = world.course.materials.create(kind="book", title="B")

        assert as_person(client, world.student).get(f"/courses/dl/materials/{plain.pk}/").status_code == 404

    @pytest.mark.parametrize(
        ("name", "header"),
        [
            ("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
            ("讲义.pdf", "attachment; filename=\".pdf\"; filename*=UTF-8''%E8%AE%B2%E4%B9%89.pdf"),
            ('a"; x=\r\n.pdf', "attachment; filename=\"a___x___.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A.pdf"),
        ],
    )
    def test_names_cannot_break_out_of_the_header(self, name, header):
        assert attachment(b"", name)["Content-Disposition"] == header
