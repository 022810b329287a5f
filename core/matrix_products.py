"""Which library multiplies matrices of 32-bit numbers.

PyTorch asks MKL, which on processors of other makers than Intel uses half of the width of AVX-512. oneDNN, which
convolves, uses all of it, and PyTorch lets it multiply matrices where numbers may be rounded to bfloat16. It does round
where the processor multiplies matrices of such numbers itself (AMX); elsewhere it has no code that would gain by it and
keeps all digits. Which of both it does is tried, not assumed (docs/decisions/0011-spectral-convolution.md).
"""

import torch
from torch.backends import mkldnn

from core import processor

_TRIED = ((64, 64, 64), (100, 84, 512), (1, 256, 96))  # rows, sums of so many products, columns
_SETTING = mkldnn.matmul  # type: ignore[attr-defined] # PyTorch makes this module an object with more attributes
_EXACT = 1e-6  # of the sum of absolute values; 1e-7 is float32's, 1e-4 that of numbers rounded to bfloat16


def prefer_onednn() -> bool:
    """From now on all threads of this process multiply matrices of float32 by oneDNN, where that is the quicker
    library and as exact. Elsewhere nothing changes.

    Returns: whether they do. `torch.get_float32_matmul_precision` then raises, as it does after every such setting.
    """
    if not _has_half_the_width():
        return False
    before = _SETTING.fp32_precision
    _SETTING.fp32_precision = "bf16"
    if _rounds():
        _SETTING.fp32_precision = before
        return False
    return True


def by_onednn() -> bool:
    """Whether oneDNN multiplies matrices of float32 in this process."""
    return bool(_SETTING.fp32_precision == "bf16")


def _has_half_the_width() -> bool:
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and "AuthenticAMD" in processor.description()


def _rounds() -> bool:
    """Whether a product has fewer digits than float32."""
    generator = torch.Generator().manual_seed(0)
    for rows, sums, columns in _TRIED:
        a = torch.randn(2, rows, sums, generator=generator)
        b = torch.randn(2, sums, columns, generator=generator)
        exact, largest = a.double() @ b.double(), a.abs().double() @ b.abs().double()
        for found in (torch.bmm(a, b), torch.stack([torch.mm(x, y) for x, y in zip(a, b, strict=True)])):
            if ((found - exact).abs() > _EXACT * largest).any():
                return True
    return False
