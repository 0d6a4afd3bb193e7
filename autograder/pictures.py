"""Whether two pictures look the same: compared small and grey, inside a room, because a student's bytes are decoded."""

import ast
from collections.abc import Sequence

from autograder.sandbox.supervisor import Sandbox, Stopped

MOST_BYTES = 16 << 20
ALIKE = 0.03
"""Mean difference in brightness, 0 to 1: other fonts and antialiasing stay below it, another curve does not."""
PROGRAM = """
import base64, io
from PIL import Image
def _small(text):
    picture = Image.open(io.BytesIO(base64.b64decode(text)))
    grey = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("L")
    return grey.resize((32, 32), Image.Resampling.BOX).tobytes()
def _distance(one, other):
    try:
        pairs = list(zip(_small(one), _small(other)))
    except Exception:
        return 1.0
    return sum(abs(a - b) for a, b in pairs) / len(pairs) / 255
print([_distance(*pair) for pair in {pairs!r}])
"""


def look_alike(room: Sandbox, pairs: Sequence[tuple[str, str]]) -> list[bool] | None:
    """For each pair of base64 texts whether they show the same; None if they could not be compared."""
    if not pairs or sum(len(one) + len(other) for one, other in pairs) > MOST_BYTES:
        return None
    try:
        result = room.run_cell(PROGRAM.replace("{pairs!r}", repr(list(pairs))))
        printed = "".join(str(o.get("text", "")) for o in result.outputs if o.get("name") == "stdout")
        distances = ast.literal_eval(printed.strip())
        return [bool(distance <= ALIKE) for distance in distances] if len(distances) == len(pairs) else None
    except (Stopped, ValueError, SyntaxError, TypeError):
        return None
