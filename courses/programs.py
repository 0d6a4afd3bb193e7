"""Our own programs, each in a process of its own that knows no secret and sets its own limits."""

import subprocess
import sys

from django.conf import settings


def run_program(
    module: str, *arguments: str, seconds: int, sent: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`python -m module arguments`, with `sent` on its standard input. Raises subprocess.TimeoutExpired."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env={}, input=sent, capture_output=True, timeout=seconds, check=False
    )
