"""Messages over a pipe: a number and a length before each."""

import struct
from typing import IO

CANCEL = b""  # the message with which nobody waits for an answer any more
STATUS, WHY = "status", "why"  # parts of an answer
FOUND, REFUSED, NO_CHECKPOINT, CANCELLED = "found", "refused", "no checkpoint", "cancelled"

_HEAD = struct.Struct(">QQ")


def write_frame(pipe: IO[bytes], number: int, message: bytes) -> None:
    """Raises: OSError if the other end is closed."""
    pipe.write(_HEAD.pack(number, len(message)))
    pipe.write(message)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> tuple[int, bytes] | None:
    """Number and message; None once the other end is closed."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    number, length = _HEAD.unpack(head)
    message = pipe.read(length)
    return (number, message) if len(message) == length else None
