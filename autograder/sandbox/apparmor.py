"""What an operator of Ubuntu 24.04 and newer has to allow: there AppArmor forbids unprivileged user namespaces."""

import os
import sys
from pathlib import Path

SWITCH = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
PROFILE = """\
abi <abi/4.0>,
include <tunables/global>
profile gradus {python} flags=(unconfined) {{
  userns,
}}
"""
ADVICE = """\
AppArmor forbids this user to make namespaces. Allow it for this Python alone, then start the workers again:
sudo tee /etc/apparmor.d/gradus >/dev/null <<'END' && sudo apparmor_parser -r /etc/apparmor.d/gradus
{profile}END
Or run the workers as root: they give root up before any student code."""


def advice() -> str:
    """The profile and the command for this Python; empty where AppArmor forbids nothing, or root needs no leave."""
    try:
        forbids = SWITCH.read_text().strip() == "1"
    except OSError:
        forbids = False
    if not forbids or os.getuid() == 0:
        return ""
    return ADVICE.format(profile=PROFILE.format(python=Path(sys.executable).resolve()))
