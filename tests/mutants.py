"""Good files, changed at random, always the same ones: what a test that gives them to a reader runs over."""

import os
import random
from collections.abc import Iterator

TIMES = int(os.environ.get("EQUISCOPE_FUZZ", "1"))  # as many more of them; `make fuzz` sets it


def mutants(good: bytes, count: int, head: int = 400) -> Iterator[bytes]:
    """`count` × EQUISCOPE_FUZZ files: 1, 3 or 30 bytes of `good` are changed, half of them among its first `head`."""
    draw = random.Random(0)
    for _ in range(count * TIMES):
        content = bytearray(good)
        for _ in range(draw.choice((1, 3, 30))):
            reach = len(content) if draw.random() < 0.5 else min(head, len(content))
            content[draw.randrange(reach)] = draw.randrange(256)
        yield bytes(content)
