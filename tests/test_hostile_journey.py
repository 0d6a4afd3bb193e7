"""Hostile notebooks in a real browser, as student, TA and lecturer: no script runs, no request leaves."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests import hostile
from tests.test_journey import accessible, browser, choose, live, person  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
NUMBERS = "/courses/dl/assignments/numbers/"


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """The student's file with everything hostile behind the answers."""
    made = make.read_notebook(make.submitted(analysis=hostile.MARKDOWN[0]))
    made["cells"] += hostile.notebook()["cells"][:-3]
    made["cells"].append(
        make.code("1", outputs=[{"output_type": "display_data", "metadata": {}, **o} for o in hostile.OUTPUTS])
    )
    path = tmp_path_factory.mktemp("evil") / "evil.ipynb"
    path.write_bytes(make.write_notebook(made))
    return path


def test_no_script_runs_and_no_request_leaves(person, evil):  # noqa: F811
    student = person("student")
    student.goto(NUMBERS)
    choose(student, evil, "Hand in")
    expect(student.get_by_text("Received. Grading has started.")).to_be_visible()
    expect(student.locator("tr", has_text="double_test")).to_contain_text("Passed", timeout=60_000)
    student.get_by_role("link", name="Read the notebook").click()
    address = student.url

    for login in ("student", "ta", "lecturer"):
        page = person(login)
        requests: list[str] = []
        page.on("request", lambda sent, requests=requests: requests.append(sent.url))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.goto(address)
        frame = page.frame_locator("iframe.notebook")
        expect(frame.get_by_role("heading", name="An honest heading")).to_be_visible()
        expect(frame.locator("math").first).to_be_attached()
        page.wait_for_timeout(500)
        assert page.title() != "ran"
        assert [frame.title() for frame in page.frames] == [page.title(), "The work"]
        assert [url for url in requests if "leak.example" in url] == []
        assert (
            frame.locator("body").evaluate("() => getComputedStyle(document.querySelector('.source')).borderLeftStyle")
            == "solid"
        )
        assert accessible(page) == []

    review = address.replace("read/", "review/")
    ta = person("ta")
    ta.goto(review)
    expect(ta.frame_locator("iframe.notebook").get_by_role("heading", name="An honest heading")).to_be_visible()
    ta.get_by_role("link", name="analysis").click()
    expect(ta.frame_locator("iframe.notebook").locator("mark:target")).to_have_text("analysis")
    assert accessible(ta) == []

    ta.goto(address + "frame/")  # opened alone, as a curious person might
    expect(ta.get_by_role("heading", name="An honest heading")).to_be_visible()
    assert (ta.evaluate("() => window.origin"), ta.title()) == ("null", "The work")
