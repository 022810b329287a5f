"""How a process that does nothing but train deals with memory."""

import ctypes

# Of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """From now on, memory that a step frees stays with this process for the next step; True if that can be had.

    The maps of a batch are tens of megabytes each. Left alone, glibc returns such pieces at once and the system has to
    clear them page by page when they are asked for again, which takes a third of a training step
    (docs/decisions/0011-spectral-convolution.md). The price is that a process keeps its highest level until it ends,
    so this is for processes of our own that train, not for a server. Only glibc has the setting; elsewhere nothing
    changes.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or none by that name (Windows)
        return False
    return bool(set_option(_MMAP_MAX, 0)) and bool(set_option(_TRIM_THRESHOLD, _NEVER))
