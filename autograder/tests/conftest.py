"""What is collected only where it can run: torch is an optional requirement, tier C needs what Linux 6.12 brought."""

import importlib.util

from autograder.sandbox import landlock, linux

collect_ignore = [
    *([] if importlib.util.find_spec("torch") else ["test_torch.py"]),
    *([] if linux.landlock_version() >= landlock.SCOPES_SINCE else ["test_alone.py"]),
]
