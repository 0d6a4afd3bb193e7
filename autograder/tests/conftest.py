"""What is collected only where it can run: torch is an optional requirement."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("torch") else ["test_torch.py"]
