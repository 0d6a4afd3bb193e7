"""Prints the test files that a change can touch: those that changed, and those that import a module that did.

    python script/affected.py [BASE]

BASE is what to compare with, by default HEAD (so: what is not committed yet). Browsers, servers and sandboxes are left out.
"""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SLOW = ("autograder/tests/", "tests/test_architecture.py")
RULES = ("courses/tests", "gradebook/tests/test_weights.py", "grading/tests/test_policy.py")
"""Run in any case: what marks follow from."""


def git(*arguments: str) -> list[str]:
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return answer.stdout.split()


def changed_files(base: str) -> set[str]:
    """Changed since BASE, and new."""
    return {*git("diff", "--name-only", base), *git("ls-files", "--others", "--exclude-standard")}


def module_of(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(path: Path) -> set[str]:
    """Modules, and what is taken out of them, by their whole names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def starts_servers(text: str) -> bool:
    return "tests.live" in text or "pytest.mark.browser" in text or "pytest.mark.sandbox" in text


def affected(base: str) -> list[str]:
    files = changed_files(base)
    modules = {module_of(file) for file in files if file.endswith(".py")}
    found = set()
    for name in git("ls-files", "--cached", "--others", "--exclude-standard", "*test_*.py"):
        path = ROOT / name
        if not path.exists() or name.startswith(SLOW) or starts_servers(path.read_text()):
            continue
        if name in files or imports_of(path) & modules:
            found.add(name)
    return [*RULES, *sorted(name for name in found if not name.startswith(RULES))]


if __name__ == "__main__":
    print("\n".join(affected(sys.argv[1] if len(sys.argv) > 1 else "HEAD")))
