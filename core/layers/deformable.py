"""Deformable convolution: every tap of a kernel is displaced by an offset that the input itself decides.

Sources: Dai et al., "Deformable Convolutional Networks", arXiv:1703.06211, Eq. 2–4 (offsets); Zhu et al., "Deformable
ConvNets v2", arXiv:1811.11168, Eq. 1 (modulation).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from core.layers.sampling import bilinear_sample


def deform_conv2d(
    x: Float[Tensor, "b c_in h w"],
    weight: Float[Tensor, "c_out c_in kh kw"],
    offsets: Float[Tensor, "b two_g_taps h_out w_out"],
    modulation: Float[Tensor, "b g_taps h_out w_out"] | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Float[Tensor, "b c_out h_out w_out"]:
    """y(p) = Σ_k w_k m_k(p) x(stride · p − padding + dilation · k + Δ_k(p)), for kernels of any height and width.

    Args: offsets: Δ in pixels of x. Channels: for each group of inputs, for each tap in reading order, first the
              displacement down and then across (dy, dx interleaved, as in torchvision). The number of groups is what
              the channels say; each group takes its equal share of the input channels, in order.
          modulation: m, for each group and tap one channel; None for 1 (DCN v1).
    x between its samples is bilinear, outside the canvas 0.
    Raises: ValueError if offsets or modulation do not fit kernel, channels or canvas.
    """
    (b, c_in, *canvas), (c_out, _, *kernel) = x.shape, weight.shape
    h_out, w_out = (_size(n, k, stride, padding, dilation) for n, k in zip(canvas, kernel, strict=True))
    taps = math.prod(kernel)
    groups = max(1, offsets.shape[1] // (2 * taps))
    if c_in % groups or offsets.shape[1:] != (2 * groups * taps, h_out, w_out):
        raise ValueError(f"expected offsets (b, {2 * taps} · groups, {h_out}, {w_out}), got {tuple(offsets.shape)}")
    if modulation is not None and modulation.shape[1:] != (groups * taps, h_out, w_out):
        expected, got = (groups * taps, h_out, w_out), tuple(modulation.shape)
        raise ValueError(f"expected modulation (b, {expected[0]}, {h_out}, {w_out}), got {got}")
    down, across = (
        torch.arange(size, device=x.device)[:, None] * stride - padding + torch.arange(k, device=x.device) * dilation
        for size, k in zip((h_out, w_out), kernel, strict=True)
    )  # (h_out, kh) and (w_out, kw): where every tap lies without an offset
    displaced = offsets.reshape(b * groups, *kernel, 2, h_out, w_out)
    rows = displaced[:, :, :, 0] + down.T[:, None, :, None]
    columns = displaced[:, :, :, 1] + across.T[None, :, None, :]
    sampled = bilinear_sample(x.reshape(b * groups, c_in // groups, *canvas), rows.flatten(1), columns.flatten(1))
    sampled = sampled.view(b * groups, c_in // groups, taps, h_out * w_out)
    if modulation is not None:
        sampled = sampled * modulation.reshape(b * groups, 1, taps, h_out * w_out)
    return (weight.flatten(1) @ sampled.reshape(b, c_in * taps, -1)).view(b, c_out, h_out, w_out)


class DeformableConv2d(nn.Module):
    """Deformable convolution with its side branch (DCN v2): an ordinary convolution predicts offsets and modulation.

    The branch has the kernel, stride and dilation of the convolution and starts at 0: no offset, and modulation
    sigmoid(0) = ½ everywhere, so the layer begins as half an ordinary convolution. It commutes with shifts. A blank
    image gives 0 if there is no bias, whatever the branch has learned: displaced taps read 0 as well.

    Args: kernel: side in pixels. padding: pixels of zeros on each side; by default what keeps the canvas (odd kernels).
          groups: of input channels, each with its own offsets and modulation.
    Shape: (b, c_in, h, w) → (b, c_out, h_out, w_out), as of an ordinary convolution.
    Raises: ValueError for sizes below 1, groups that do not divide the channels, or another number of channels.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: int | None = None,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ):
        super().__init__()
        if min(c_in, c_out, kernel, stride, dilation, groups) < 1:
            given = (c_in, c_out, kernel, stride, dilation, groups)
            raise ValueError(f"channels, kernel, stride, dilation and groups must be at least 1, got {given}")
        if c_in % groups:
            raise ValueError(f"groups must divide the {c_in} input channels, got {groups}")
        self.stride, self.dilation = stride, dilation
        self.padding = dilation * (kernel - 1) // 2 if padding is None else padding
        bound = 1 / math.sqrt(c_in * kernel**2)
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel, kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(c_out)) if bias else None
        self.branch = nn.Conv2d(c_in, 3 * groups * kernel**2, kernel, stride, self.padding, dilation)
        for parameter in self.branch.parameters():
            nn.init.zeros_(parameter)

    def offsets_and_modulation(
        self, x: Float[Tensor, "b c_in h w"]
    ) -> tuple[Float[Tensor, "b two_g_taps h_out w_out"], Float[Tensor, "b g_taps h_out w_out"]]:
        """What the branch says: offsets in pixels, laid out as in `deform_conv2d`, and modulation in (0, 1)."""
        answer = self.branch(x)
        offsets, modulation = answer.tensor_split([2 * answer.shape[1] // 3], dim=1)
        return offsets, torch.sigmoid(modulation)

    def forward(self, x: Float[Tensor, "b c_in h w"]) -> Float[Tensor, "b c_out h_out w_out"]:
        if x.shape[1] != self.weight.shape[1]:
            raise ValueError(f"expected {self.weight.shape[1]} channels, got {x.shape[1]}")
        offsets, modulation = self.offsets_and_modulation(x)
        geometry = {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}
        response = deform_conv2d(x, self.weight, offsets, modulation, **geometry)
        return response if self.bias is None else response + self.bias[:, None, None]

    def extra_repr(self) -> str:
        return f"weight={tuple(self.weight.shape)}, stride={self.stride}, padding={self.padding}"


def _size(n: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    size = (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    if size < 1:
        reach = dilation * (kernel - 1) + 1
        raise ValueError(f"a kernel that reaches over {reach} pixels does not fit into {n} with padding {padding}")
    return size
