"""Takes pictures of every page of a running demo (`script/server`): `python script/screenshots.py FOLDER [--readme]`.

--readme takes only the few that README.md shows, at 1280 px, light.
"""

import argparse
import os
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

COURSE = "/courses/xmu-dl-2025/"
FIRST = COURSE + "assignments/numpy-basics/"
OPEN = COURSE + "assignments/convolution/"
PAGES = {
    "student2": {
        "courses": "/",
        "student-home": COURSE,
        "student-assignments": COURSE + "assignments/",
        "student-assignment-open": OPEN,
        "student-assignment-past": FIRST,
        "student-result": "@" + FIRST,
        "student-grades": COURSE + "grades/",
        "project": COURSE + "project/",
        "project-proposal": COURSE + "project/stages/proposal/",
        "project-topics": COURSE + "project/topics/",
        "project-board": COURSE + "groups/project/find/",
        "project-check": COURSE + "project/stages/proposal/check/",
        "ballot": "/courses/xmu-dl-2020/project/ballot/",
        "talks": "/courses/xmu-dl-2020/project/talks/",
        "receipt-verify": "/receipts/verify/",
        "account": "/accounts/password/change/",
        "not-found": "/nowhere/",
    },
    "ta1": {
        "ta-home": COURSE,
        "ta-submissions": COURSE + "assignments/backpropagation/submissions/",
        "ta-review": COURSE + "assignments/backpropagation/review/",
        "ta-people": COURSE + "people/",
        "ta-extensions": FIRST + "extensions/",
        "ta-forbidden": FIRST + "release/",
    },
    "lecturer": {
        "lecturer-home": COURSE,
        "lecturer-assignments": COURSE + "assignments/",
        "lecturer-assignment": FIRST,
        "lecturer-assignment-new": COURSE + "assignments/new/",
        "lecturer-check": FIRST + "notebook/check/",
        "lecturer-data": FIRST + "data/",
        "lecturer-assignment-edit": FIRST + "edit/",
        "lecturer-release": COURSE + "assignments/backpropagation/release/",
        "lecturer-submissions": FIRST + "submissions/",
        "lecturer-gradebook": COURSE + "gradebook/",
        "project-groups": COURSE + "groups/project/",
        "project-papers": COURSE + "project/stages/proposal/papers/",
        "project-review": COURSE + "project/stages/proposal/papers/next/",
        "project-talks": "/courses/xmu-dl-2020/project/talks/choose/",
        "project-day": "/courses/xmu-dl-2020/project/talks/day/",
        "project-vote": "/courses/xmu-dl-2020/project/vote/",
        "operations": "/operations/",
    },
}
README = {"project-review", "student-result", "student-assignment-open", "ta-review", "lecturer-gradebook"}


def sign_in(page: Page, base: str, login: str) -> None:
    page.goto(base + "/accounts/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "gradus-demo")
    page.click("main button")
    page.wait_for_url(base + "/")


def shoot(browser: Browser, base: str, folder: Path, *, width: int, scheme: str, only: set[str] | None) -> None:
    for login, pages in PAGES.items():
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        if only is None:
            page.goto(base + "/accounts/login/")
            page.screenshot(path=folder / f"sign-in-{width}-{scheme}.png", full_page=True)
        sign_in(page, base, login)
        for name, address in pages.items():
            if only is not None and name not in only:
                continue
            page.goto(base + address.lstrip("@"))
            if address.startswith("@"):
                page.click("table a")
                page.wait_for_load_state()
            suffix = "" if only else f"-{width}-{scheme}"
            page.screenshot(path=folder / f"{name}{suffix}.png", full_page=only is None)
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", default="http://localhost:8000")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        if options.readme:
            shoot(browser, options.base, options.folder, width=1280, scheme="light", only=README)
        else:
            for width in (1280, 390):
                for scheme in ("light", "dark"):
                    shoot(browser, options.base, options.folder, width=width, scheme=scheme, only=None)
        browser.close()


if __name__ == "__main__":
    main()
