"""Made-up notebooks of a class: what the instructor gave out, independent work, and copies in disguise."""

import random
import re

GIVEN = [
    (
        "import numpy as np\nimport matplotlib.pyplot as plt\n\nrng = np.random.default_rng(0)\n"
        "data = np.load('data/train.npz')\ninputs, targets = data['inputs'], data['targets']\n"
        "print(inputs.shape, targets.shape, inputs.dtype, targets.dtype, inputs.min(), inputs.max())"
    ),
    (
        "def show(images, titles, columns=4):\n    rows = (len(images) + columns - 1) // columns\n"
        "    figure, axes = plt.subplots(rows, columns, figsize=(columns * 2, rows * 2))\n"
        "    for axis, image, title in zip(axes.flat, images, titles):\n        axis.imshow(image, cmap='gray')\n"
        "        axis.set_title(title)\n        axis.axis('off')\n    plt.tight_layout()\n    plt.show()"
    ),
    (
        "assert np.allclose(softmax(np.zeros((2, 3))).sum(axis=1), 1)\nassert accuracy(np.eye(3), np.arange(3)) == 1\n"
        "assert loss(np.eye(3), np.arange(3)).shape == ()\nassert gradient(np.ones((4, 3))).shape == (4, 3)"
    ),
]
CALLS = "exp log sum mean max min dot clip sqrt abs tanh cumsum argmax argsort square std var prod outer where".split()  # noqa: SIM905  words
WORDS = "alpha beta weight bias state total value item score delta grad step batch layer unit node edge cost".split()  # noqa: SIM905  words
TASKS = ["softmax", "accuracy", "loss", "gradient", "update", "train"]


def own_work(seed: int) -> list[str]:
    """The code cells of one student who worked alone: five or more functions of their own between the given cells."""
    dice = random.Random(seed)
    cells = [_function(dice, task) for task in TASKS]
    return [GIVEN[0], GIVEN[1], *cells, GIVEN[2]]


def copied(cells: list[str], seed: int) -> list[str]:
    """The same in disguise: other names, other order, other layout, other comments."""
    dice = random.Random(seed)
    own = [_disguised(cell, dice) for cell in cells if cell not in GIVEN]
    dice.shuffle(own)
    return [GIVEN[0], GIVEN[1], *own, GIVEN[2]]


def given_only(seed: int) -> list[str]:
    """Nothing done but what was given out, and a line of one's own."""
    return [*GIVEN, f"# I could not do it, sorry ({seed})\nprint({seed})"]


def _function(dice: random.Random, task: str) -> str:
    names = dice.sample(WORDS, 5)
    lines = [f"def {task}({', '.join(names[: dice.randint(1, 3)])}):"]
    for _ in range(dice.randint(5, 10)):
        lines += _statement(dice, names)
    return "\n".join([*lines, f"    return {_expression(dice, names, 1)}"])


def _statement(dice: random.Random, names: list[str]) -> list[str]:
    kind, name = dice.randrange(5), dice.choice(names)
    if kind == 0:
        body = [f"        {dice.choice(names)} += {_expression(dice, names, 1)}" for _ in range(dice.randint(1, 2))]
        return [f"    for {name} in range({_expression(dice, names, 0)}):", *body]
    if kind == 1:
        return [
            f"    if {_expression(dice, names, 1)} {dice.choice('<>')} {_expression(dice, names, 0)}:",
            f"        {name} = {_expression(dice, names, 2)}",
        ]
    if kind == 2:
        return [f"    {name}[{dice.choice(names)}] = {_expression(dice, names, 2)}"]
    return [f"    {name} = {_expression(dice, names, 2)}"]


def _expression(dice: random.Random, names: list[str], depth: int) -> str:
    if depth == 0:
        return dice.choice([*names, str(dice.randint(0, 9))])
    left, right = _expression(dice, names, depth - 1), _expression(dice, names, depth - 1)
    call = dice.choice(CALLS)
    shapes = [
        f"np.{call}({left}, axis={right})",
        f"{left} {dice.choice('+-*/@')} {right}",
        f"({left}).{call}({right})",
        f"np.{call}({left})",
        f"{left}[{right}]",
    ]
    return dice.choice(shapes)


def _disguised(cell: str, dice: random.Random) -> str:
    fresh = dict(zip(WORDS, dice.sample([f"{word}_{dice.randint(1, 9)}" for word in WORDS], len(WORDS)), strict=True))
    text = re.sub(r"(?<![.\w])[a-z]+\b", lambda match: fresh.get(match.group(), match.group()), cell)
    lines = []
    for line in text.split("\n"):
        if dice.random() < 0.3:
            lines.append(f"{line[: len(line) - len(line.lstrip())]}# {dice.choice(WORDS)} first, then the rest")
        spaced = re.sub(r" ([-+*/@]) ", lambda match: dice.choice([match.group(1), match.group()]), line)
        lines.append(spaced.replace(", ", dice.choice([",", ", ", ",\n        "]) if "(" in line else ", "))
    return "\n\n".join(["\n".join(lines), "# my own work"])
