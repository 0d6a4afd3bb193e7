"""One person at a time: added, changed, gone, back."""

import pytest

from courses.models import Enrolment, OutgoingMail, Role, User
from courses.people import PersonRefused, add_person, change_person, come_back, leave_course
from tests import factories as make
from tests.pages import as_person, words_of

pytestmark = pytest.mark.django_db
ADD = "/courses/dl/people/add/"


def page_of(person):
    return f"/courses/dl/people/{person.pk}/"


class TestAdding:
    def test_a_new_assistant_gets_an_account_an_invitation_and_sections(self, client, world):
        told = as_person(client, world.lecturer).post(
            ADD,
            {
                "name": "Noor Haddad",
                "mail": "Noor@gradus.example",
                "role": int(Role.TA),
                "sections": [world.section.pk],
            },
            follow=True,
        )

        added = Enrolment.objects.get(user__email="noor@gradus.example")
        assert "Noor Haddad is in the course." in words_of(told)
        assert (added.role, list(added.sections.all()), added.user.username) == (Role.TA, [world.section], "noor")
        assert (
            "you are a teaching assistant of “Deep Learning”"
            in OutgoingMail.objects.get(recipient=added.user.email).body
        )

    def test_a_known_mail_address_is_the_same_person(self, world):
        colleague = make.make_user("colleague")

        added = add_person(
            course=world.course, by=world.lecturer, name="Another", mail="COLLEAGUE@gradus.example", role=Role.LECTURER
        )

        assert (added.user, added.user.name) == (colleague, "Colleague")
        assert not OutgoingMail.objects.filter(recipient=colleague.email).exists()

    def test_a_login_that_is_taken_gets_a_number(self, world):
        make.make_user("noor", email="noor@elsewhere.example")

        assert (
            add_person(
                course=world.course, by=world.lecturer, name="N", mail="noor@gradus.example", role=Role.TA
            ).user.username
            == "noor-2"
        )

    def test_who_is_there_already_is_not_added_again(self, client, world):
        mail = world.student.user.email

        refused = as_person(client, world.lecturer).post(ADD, {"name": "x", "mail": mail, "role": int(Role.TA)})

        assert "is in the course already, as student." in words_of(refused)
        assert refused.status_code == 422

    def test_who_left_comes_back_as_what_they_were(self, world):
        leave_course(enrolment=world.ta, by=world.lecturer)

        back = add_person(
            course=world.course, by=world.lecturer, name="x", mail=world.ta.user.email, role=Role.STUDENT_ASSISTANT
        )

        assert (back.pk, back.role, back.left_at) == (world.ta.pk, Role.STUDENT_ASSISTANT, None)

    def test_a_student_who_left_does_not_come_back_as_staff(self, world):
        leave_course(enrolment=world.student, by=world.lecturer)

        with pytest.raises(PersonRefused, match="was a student of this course"):
            add_person(course=world.course, by=world.lecturer, name="x", mail=world.student.user.email, role=Role.TA)

    def test_nothing_is_made_when_it_is_refused(self, client, world):
        before = User.objects.count()

        as_person(client, world.lecturer).post(ADD, {"name": "x", "mail": "not an address", "role": int(Role.TA)})

        assert User.objects.count() == before


class TestChanging:
    def test_an_assistant_gets_other_sections(self, client, world):
        other = world.course.sections.create(name="Class 9")

        as_person(client, world.lecturer).post(page_of(world.ta), {"role": int(Role.TA), "sections": [other.pk]})

        assert list(world.ta.sections.all()) == [other]

    def test_a_section_of_another_course_is_not_taken(self, client, world):
        foreign = make.make_course("other").sections.create(name="Foreign")

        refused = as_person(client, world.lecturer).post(
            page_of(world.ta), {"role": int(Role.TA), "sections": [foreign.pk]}
        )

        assert refused.status_code == 422
        assert list(world.ta.sections.all()) == [world.section]

    def test_students_stay_students(self, world):
        with pytest.raises(PersonRefused, match="cannot become staff"):
            change_person(enrolment=world.student, by=world.lecturer, role=Role.TA, sections=[])

    def test_the_page_offers_a_student_no_other_role(self, client, world):
        page = as_person(client, world.lecturer).get(page_of(world.student))

        assert [value for value, _ in page.context["form"].fields["role"].choices] == [Role.STUDENT]

    @pytest.mark.parametrize("how", [{"leave": "1"}, {"role": int(Role.TA)}])
    def test_the_last_lecturer_stays(self, client, world, how):
        refused = as_person(client, world.lecturer).post(page_of(world.lecturer), how)

        world.lecturer.refresh_from_db()
        assert "needs a lecturer: add another one first" in words_of(refused)
        assert (world.lecturer.role, world.lecturer.left_at) == (Role.LECTURER, None)

    def test_one_of_two_lecturers_may_go(self, world):
        make.enrol(world.course, Role.LECTURER)

        leave_course(enrolment=world.lecturer, by=world.lecturer)

        assert world.lecturer.left_at is not None


class TestLeaving:
    def test_who_leaves_no_longer_sees_the_course_and_keeps_the_work(self, client, world):
        submission = make.make_submission(world.assignment, world.student)

        as_person(client, world.lecturer).post(page_of(world.student), {"leave": "1"})

        assert as_person(client, world.student).get("/courses/dl/").status_code == 404
        submission.refresh_from_db()
        assert "Left the course" in words_of(as_person(client, world.lecturer).get("/courses/dl/people/"))

    def test_and_comes_back_as_before(self, client, world):
        leave_course(enrolment=world.student, by=world.lecturer)

        as_person(client, world.lecturer).post(page_of(world.student), {"back": "1"})

        assert as_person(client, world.student).get("/courses/dl/").status_code == 200

    def test_coming_back_twice_is_the_same_as_once(self, world):
        come_back(enrolment=world.student, by=world.lecturer)

        assert world.student.left_at is None

    def test_a_person_of_another_course_is_not_found(self, client, world):
        foreign = make.enrol(make.make_course("other"))

        assert as_person(client, world.lecturer).post(page_of(foreign), {"leave": "1"}).status_code == 404
