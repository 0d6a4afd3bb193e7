"""The grading desk in a real browser: ten submissions by the keyboard alone, by phone, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.test_journey import accessible, browser, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
NUMBERS = "/courses/dl/assignments/numbers/"
PREPARE = """
from tests import factories as make
from decimal import Decimal
from assignments.models import Assignment
from courses.models import Section
from grading.models import Rubric
from grading.services.rubrics import add_item, set_start
assignment = Assignment.objects.get(course__slug="dl", slug="numbers")
section = Section.objects.get(course__slug="dl")
for number in range(10):
    student = make.enrol(assignment.course, section=section, login=f"keys{number}")
    make.run_of(make.make_submission(assignment, student))
for text, points in (("No reason given", -2), ("Not clear", -1)):
    add_item(assignment=assignment, grade_id="analysis", text=text, points=Decimal(points))
set_start(rubric=Rubric.objects.get(), starts_full=True, by=section.enrolments.filter(role__gt=10).first())
"""
COUNT = "from grading.models import Mark; print(Mark.objects.count(), sum(m.points for m in Mark.objects.all()))"


@pytest.fixture(scope="module")
def waiting(live):  # noqa: F811
    live.shell(PREPARE)
    return live


def test_ten_submissions_by_the_keyboard_alone(person, waiting):  # noqa: F811
    ta = person("ta")
    ta.goto(NUMBERS + "review/")
    assert accessible(ta) == []
    for number in range(10):
        expect(ta.get_by_role("heading", name="analysis")).to_be_visible()
        ta.keyboard.press("2")
        expect(ta.get_by_label("2 Not clear (−1)")).to_be_checked()
        if number == 0:
            ta.keyboard.press("c")
            ta.keyboard.type("Say more: 1 2 s")
            ta.keyboard.press("Escape")
        if number == 1:
            ta.keyboard.press("/")
            ta.keyboard.press("ArrowDown")
            ta.keyboard.press("Enter")
            ta.keyboard.press("Escape")
        before = ta.url
        ta.keyboard.press("Enter")
        ta.wait_for_url(lambda url, before=before: url != before)
    expect(ta.get_by_text("Nothing waits for you here")).to_be_visible()

    assert waiting.shell(COUNT) == "10 20.0000"


def test_keys_are_explained_and_skip_goes_on(person, waiting):  # noqa: F811
    ta = person("ta", width=390)
    address = waiting.shell(
        "from assignments.models import Submission; s = Submission.objects.filter(assignment__slug='numbers').first(); "
        "print(f'{s.student_id}/{s.number}')"
    )
    ta.goto(f"{NUMBERS}submissions/{address}/review/")
    ta.keyboard.press("?")

    expect(ta.get_by_text("save and go to the next")).to_be_visible()
    assert accessible(ta) == []
    assert ta.evaluate("document.documentElement.scrollWidth") == 390


def test_the_desk_works_without_javascript(browser, waiting):  # noqa: F811
    context = browser.new_context(base_url=waiting.base, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Login").fill("ta")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    address = waiting.shell(
        "from assignments.models import Submission; s = Submission.objects.filter(assignment__slug='numbers').first(); "
        "print(f'{s.student_id}/{s.number}')"
    )
    page.goto(f"{NUMBERS}submissions/{address}/review/")
    page.get_by_label("Not clear (−1)").uncheck()
    page.get_by_label("No reason given (−2)").check()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Saved:")).to_be_visible()
    context.close()


FRESH = """
from tests import factories as make
from courses.models import Enrolment
from assignments.models import Assignment
from courses.models import Section
assignment = Assignment.objects.get(course__slug="dl", slug="numbers")
student = make.enrol(assignment.course, section=Section.objects.get(course__slug="dl"), login=f"fresh{Enrolment.objects.count()}")
make.run_of(make.make_submission(assignment, student))
print(student.pk)
"""


def last_mark(live):  # noqa: F811
    return live.shell(
        "from grading.models import Mark; m = Mark.objects.order_by('pk').last(); "
        "print(m and m.submission.student_id, m and m.comment)"
    )


@pytest.fixture
def fresh(waiting):
    """One more submission that waits: its address and its student."""
    student = waiting.shell(FRESH)
    return f"{NUMBERS}submissions/{student}/1/review/", student


def test_what_was_typed_survives_a_closed_tab(person, fresh):  # noqa: F811
    ta = person("ta")
    ta.goto(fresh[0])
    ta.get_by_label("Comment").first.fill("Half a sentence")
    ta.get_by_label("Not clear (−1)").check()
    ta.goto("/courses/dl/")
    ta.goto(fresh[0])

    expect(ta.get_by_label("Comment").first).to_have_value("Half a sentence")
    expect(ta.get_by_label("Not clear (−1)")).to_be_checked()
    expect(ta.get_by_text("stands in the fields again")).to_be_visible()
    assert accessible(ta) == []
    ta.get_by_role("button", name="Discard it").click()
    expect(ta.get_by_label("Comment").first).to_have_value("")


def test_what_was_saved_without_a_network_is_sent_when_it_is_back(person, fresh, waiting):  # noqa: F811
    ta = person("ta")
    ta.goto(fresh[0])
    ta.get_by_label("Not clear (−1)").check()
    ta.get_by_label("Comment").first.fill("Said in a tunnel")
    ta.context.route("**", lambda route: route.abort("internetdisconnected"))  # offline, also for what is on its way
    ta.get_by_role("button", name="Save", exact=True).click()
    ta.wait_for_timeout(500)
    assert last_mark(waiting) != f"{fresh[1]} Said in a tunnel"
    ta.context.unroute("**")
    ta.goto(NUMBERS + "submissions/")

    ta.goto(fresh[0])

    expect(ta.get_by_text("marked by Ta")).to_be_visible()
    assert last_mark(waiting) == f"{fresh[1]} Said in a tunnel"


def test_two_at_one_desk(person, fresh, waiting):  # noqa: F811
    """The second is told, takes over, and saves; the first is refused, sees both, and loses nothing."""
    ta, lecturer = person("ta"), person("lecturer")
    ta.goto(fresh[0])
    lecturer.goto(fresh[0])
    expect(lecturer.get_by_text("Ta opened this")).to_be_visible()
    lecturer.get_by_role("button", name="Take over").click()
    expect(lecturer.get_by_text("Ta opened this")).not_to_be_visible()
    lecturer.get_by_label("No reason given (−2)").check()
    lecturer.get_by_role("button", name="Save", exact=True).click()
    expect(lecturer.get_by_text("Saved:")).to_be_visible()

    ta.get_by_label("Not clear (−1)").check()
    ta.get_by_label("Comment").first.fill("Nearly.")
    ta.get_by_role("button", name="Save", exact=True).click()
    expect(ta.get_by_role("heading", name="What you entered, not saved")).to_be_visible()
    expect(ta.get_by_label("No reason given (−2)")).to_be_checked()
    assert accessible(ta) == []
    ta.get_by_role("button", name="Save mine instead").click()

    expect(ta.get_by_text("Saved:")).to_be_visible()
    assert last_mark(waiting) == f"{fresh[1]} Nearly."


def test_a_slip_is_undone_and_versions_are_a_key_away(person, fresh):  # noqa: F811
    ta = person("ta")
    ta.goto(fresh[0])
    ta.keyboard.press("2")
    expect(ta.get_by_label("Not clear (−1)")).to_be_checked()
    ta.keyboard.press("u")
    expect(ta.get_by_label("Not clear (−1)")).not_to_be_checked()
    expect(ta.get_by_text("What you had typed is undone.")).to_be_visible()

    ta.keyboard.press("v")
    expect(ta.get_by_text("There is only one version.")).to_be_visible()
    assert accessible(ta) == []
    ta.get_by_role("link", name="Back to the desk").click()
    ta.wait_for_url(f"**{fresh[0]}")
    ta.wait_for_load_state("networkidle")
    ta.keyboard.press("u")
    ta.wait_for_url(lambda url: fresh[0] not in url)
    expect(ta.get_by_text("marked by Ta")).to_be_visible()


def test_back_after_saving_and_other_words_are_saved_too(person, fresh, waiting):  # noqa: F811
    """The browser shows the page from its memory; what is saved then is not taken for the first press."""
    ta = person("ta")
    ta.goto(fresh[0])
    ta.get_by_label("Not clear (−1)").check()
    ta.get_by_label("Comment").first.fill("First words")
    ta.get_by_role("button", name="Save", exact=True).click()
    expect(ta.get_by_text("Saved:")).to_be_visible()
    ta.go_back()
    ta.wait_for_load_state("networkidle")  # the desk reads its page anew by itself: let that end first
    ta.reload()
    ta.get_by_label("Comment").first.fill("Better words")
    ta.get_by_role("button", name="Save", exact=True).click()
    expect(ta.get_by_text("Saved:")).to_be_visible()

    assert last_mark(waiting) == f"{fresh[1]} Better words"


def test_what_was_refused_is_still_there_after_leaving_the_page(person, fresh, waiting):  # noqa: F811
    ta, lecturer = person("ta"), person("lecturer")
    ta.goto(fresh[0])
    lecturer.goto(fresh[0])
    lecturer.get_by_label("No reason given (−2)").check()
    lecturer.get_by_role("button", name="Save", exact=True).click()
    expect(lecturer.get_by_text("Saved:")).to_be_visible()
    ta.get_by_label("Not clear (−1)").check()
    ta.get_by_label("Comment").first.fill("An hour of thought")
    ta.get_by_role("button", name="Save", exact=True).click()
    expect(ta.get_by_role("heading", name="What you entered, not saved")).to_be_visible()

    ta.goto("/courses/dl/")
    ta.goto(fresh[0])

    expect(ta.get_by_label("Comment").first).to_have_value("An hour of thought")
    ta.get_by_role("button", name="Save", exact=True).click()
    ta.get_by_role("button", name="Save mine instead").click()
    expect(ta.get_by_text("Saved:")).to_be_visible()
    assert last_mark(waiting) == f"{fresh[1]} An hour of thought"
    ta.goto(fresh[0])
    expect(ta.get_by_text("stands in the fields again")).to_have_count(0)
