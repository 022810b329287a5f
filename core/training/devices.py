"""Where a training runs: the processor, or an accelerator that torch knows."""

import torch


def usable_device(wanted: str) -> str:
    """The name for torch; `auto` takes an accelerator if there is one.

    Raises: ValueError if this machine, or this torch, has no such device.
    """
    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.zeros(1, device=wanted).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"The device {wanted!r} cannot be used: {str(error).splitlines()[0]}") from error
    return wanted
