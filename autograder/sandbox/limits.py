"""What one notebook may use. Defaults: `shared` design of the engine; an assignment may set its own."""

import resource
from dataclasses import asdict, dataclass
from typing import Any

MIB = 2**20
ADDRESS_SPACE_OF_LIBRARIES = 2048 * MIB


@dataclass(frozen=True)
class Limits:
    """Seconds of wall clock, bytes of memory, scratch and output, counts of processes and messages."""

    wall: float = 300.0
    cell: float = 60.0
    memory: int = 2048 * MIB
    processes: int = 64
    scratch: int = 64 * MIB
    output: int = 4 * MIB
    messages: int = 10_000

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def apply(limits: Limits, *, reserves_much: bool = False, neighbours: int = 0) -> None:
    """Put the kernel's own limits on this process and all its children. `reserves_much`: a GPU's driver maps far more
    addresses than it uses; memory is then limited by what is used alone. `neighbours`: threads that count against the same limit.
    """
    cpu = int(limits.wall) + 1
    ceilings = {
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_DATA: limits.memory,
        resource.RLIMIT_AS: 2 * limits.memory + ADDRESS_SPACE_OF_LIBRARIES,  # shared mappings are no data
        resource.RLIMIT_NPROC: limits.processes + neighbours,
        resource.RLIMIT_FSIZE: limits.scratch,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_STACK: 64 * MIB,
    }
    if reserves_much:
        del ceilings[resource.RLIMIT_AS], ceilings[resource.RLIMIT_DATA]
    for which, ceiling in ceilings.items():
        resource.setrlimit(which, (ceiling, ceiling))
