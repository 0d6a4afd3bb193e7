"""The deep-learning checks: has code, has results, has analysis, ran in order, gives the same results again."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from autograder.nbgrader import GradedCell, Role, grade_id_of
from autograder.notebook import Cell, Notebook
from autograder.report import Checks

NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
TOLERANCE = 1e-6
Output = dict[str, Any]


def stored_checks(notebook: Notebook, canonical: Sequence[GradedCell], given: AbstractSet[str]) -> Checks:
    """What can be said without running: of the student's own cells only. `given` are the instructor's plain texts."""
    known = {cell.grade_id: cell for cell in canonical}
    own = [c for c in notebook["cells"] if (g := known.get(grade_id_of(c))) is None or not g.locked]
    code = [c for c in own if c["cell_type"] == "code" and c["source"].strip()]
    counts = [c["execution_count"] for c in notebook["cells"] if isinstance(c.get("execution_count"), int)]
    return Checks(
        has_code=any(not _is_stub(c, known) for c in code),
        has_results=any(c["outputs"] for c in code),
        has_analysis=any(_is_analysis(c, known) for c in own if c["source"].strip() not in given),
        in_order=bool(counts) and counts == sorted(set(counts)),
    )


def reproduced(pairs: Sequence[tuple[Cell, Sequence[Output]]], pictures: Sequence[bool] = ()) -> str:
    """`14/16`: of the stored results, how many came out the same when run again (numbers within a tolerance).

    `pictures`: which pairs of pictures look alike, where they were compared.
    """
    same, total = sum(pictures), len(pictures)
    for cell, outputs in pairs:
        stored = printed_text(cell["outputs"])
        if stored:
            total += 1
            same += _alike(stored, printed_text(outputs))
    return f"{same}/{total}"


def pictures_of(outputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The PNG pictures of a cell, in base64."""
    found = [data.get("image/png") for output in outputs if isinstance(data := output.get("data"), dict)]
    return [_joined(picture).strip() for picture in found if picture]


def printed_text(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Standard output and results of a cell as one text, runs of white space folded."""
    parts: list[str] = []
    for output in outputs:
        data = output.get("data")
        if output.get("output_type") == "stream" and output.get("name") == "stdout":
            parts.append(_joined(output.get("text", "")))
        elif output.get("output_type") == "execute_result" and isinstance(data, dict):
            parts.append(_joined(data.get("text/plain", "")))
    return ADDRESS.sub("0x", " ".join(" ".join(parts).split()))


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def _alike(stored: str, again: str) -> bool:
    if NUMBER.sub("#", stored) != NUMBER.sub("#", again):
        return False
    before, after = NUMBER.findall(stored), NUMBER.findall(again)
    pairs = zip(before, after, strict=False)
    return len(before) == len(after) and all(
        abs(float(a) - float(b)) <= TOLERANCE * max(1.0, abs(float(a))) for a, b in pairs
    )


def _is_stub(cell: Cell, known: Mapping[str, GradedCell]) -> bool:
    graded = known.get(grade_id_of(cell))
    return graded is not None and cell["source"].strip() == graded.source.strip()


def _is_analysis(cell: Cell, known: Mapping[str, GradedCell]) -> bool:
    """A text answer that was written, or a text cell the student added."""
    if cell["cell_type"] != "markdown" or not cell["source"].strip():
        return False
    graded = known.get(grade_id_of(cell))
    return graded is None or (graded.role is Role.MANUAL and not _is_stub(cell, known))
