"""Where a training runs: the processor, or an accelerator that torch knows."""

import os

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


def same_every_time(device: str) -> None:
    """From now on this process computes there as on a processor: float32 as it is, and sums in one order.

    Left alone, CUDA rounds what a convolution reads to ten bits (TF32) and adds gradients in whatever order its threads
    arrive, so that a run could not be repeated. An operation that has no such way says so in a warning, once.
    """
    if torch.device(device).type != "cuda":
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS is first used
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
