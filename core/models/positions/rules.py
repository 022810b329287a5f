"""What each operation does to places: RULES, a function for each; see `core.models.positions.following`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.models.positions.call import ALIKE, Call, Places, is_nowhere, nowhere, tensors_in, unexpanded, without_global

# reading at positions


def _read(tensor: Tensor, axis: int, at: Tensor) -> Tensor:
    """At fractional indices of an axis, linear between its samples and beyond them.

    Axes along which all samples are one in memory stay so: of a deep network the others would take its size many times.
    """
    axis, whole = axis % tensor.dim(), [*tensor.shape]
    whole[axis] = len(at)
    tensor = unexpanded(tensor)
    n = tensor.shape[axis]
    if n > 1:
        below = at.floor().clamp(0, n - 2)
        share = (at - below).reshape([-1 if a == axis else 1 for a in range(tensor.dim())])
        below = below.long()
        low = tensor.index_select(axis, below)
        tensor = low if not bool(share.any()) else low + share * (tensor.index_select(axis, below + 1) - low)
    return tensor.expand(whole)


def _through(
    call: Call, at: Sequence[Tensor], groups: int = 1, channels: int | None = None, places: Places | None = None
) -> Places:
    """Windows over the last axes: channels of a group are mixed, samples read at `at`, one list of each axis.

    Args: groups: of channels that are mixed, 0 for none. channels: of the answer.
    """
    axis = -len(at) - 1
    done: dict[int, Tensor] = {}  # rows and columns often have one weight
    given = places or call.input
    for each in given:
        if id(each) in done:
            continue
        tensor = unexpanded(each)
        if groups and tensor.shape[axis] > 1:
            tensor = tensor.unflatten(axis, (groups, -1)).mean(axis)
        for i, positions in enumerate(at):
            tensor = _read(tensor, i - len(at), positions.to(tensor.device))
        wanted, have = channels or each.shape[axis], tensor.shape[axis]
        if have > 1:
            tensor = unexpanded(tensor).repeat_interleave(wanted // have, axis)
        done[id(each)] = tensor.expand(*each.shape[:axis], wanted, *map(len, at))
    return tuple(done[id(each)] for each in given)


def _each(value: Any, axes: int, default: Any = None) -> list[Any]:
    """One value for each axis."""
    if value is None or (isinstance(value, list | tuple) and not len(value)):
        value = default
    value = list(value) if isinstance(value, list | tuple) else [value]
    return value * axes if len(value) == 1 else value


def _line(m: int, stride: float | int, first: float | int) -> Tensor:
    return torch.arange(m, dtype=torch.float64) * stride + first


def _convolution(call: Call) -> Places:
    axes, transposed = int(call.name[-2]), "transpose" in call.name
    weight, size = call.argument(1, "weight"), call.out.shape[-int(call.name[-2]) :]
    strides = _each(call.argument(3, "stride", 1), axes)
    dilations = _each(call.argument(7 if transposed else 5, "dilation", 1), axes)
    spans = [d * (k - 1) for d, k in zip(dilations, weight.shape[2:], strict=True)]
    padding = call.argument(4, "padding", 0)
    if isinstance(padding, str):
        pads = [span // 2 if padding == "same" else 0 for span in spans]
    else:
        pads = _each(padding, axes)
    firsts = [span / 2 - pad for span, pad in zip(spans, pads, strict=True)]
    if transposed:
        at = [_line(m, 1 / s, -f / s) for m, s, f in zip(size, strides, firsts, strict=True)]
    else:
        at = [_line(m, s, f) for m, s, f in zip(size, strides, firsts, strict=True)]
    return _through(call, at, call.argument(6, "groups", 1), call.out.shape[-axes - 1])


def _pooling(call: Call) -> Places:
    axes = int(call.name.split("pool")[1][0])
    skip = 1 if call.name.startswith("lp") else 0
    kernels = _each(call.argument(1 + skip, "kernel_size"), axes)
    strides = _each(call.argument(2 + skip, "stride"), axes, kernels)
    pads = [0] * axes if skip else _each(call.argument(3, "padding", 0), axes)
    dilations = _each(call.argument(4, "dilation", 1), axes) if call.name.startswith("max") else [1] * axes
    size = call.out.shape[-axes:]
    how = zip(size, strides, kernels, dilations, pads, strict=True)
    return _through(call, [_line(m, s, d * (k - 1) / 2 - p) for m, s, k, d, p in how], 0)


def _unpooling(call: Call) -> Places:
    axes = int(call.name[-2])
    kernels = _each(call.argument(2, "kernel_size"), axes)
    strides, pads = _each(call.argument(3, "stride"), axes, kernels), _each(call.argument(4, "padding", 0), axes)
    how = zip(call.out.shape[-axes:], strides, kernels, pads, strict=True)
    return _through(call, [_line(m, 1 / s, (p - (k - 1) / 2) / s) for m, s, k, p in how], 0)


def _parts(m: int, n: int) -> Tensor:
    """The middles of the m windows that adaptive pooling lays over n samples."""
    i = torch.arange(m, dtype=torch.float64)
    return ((i * n / m).floor() + ((i + 1) * n / m).ceil() - 1) / 2


def _adaptive(call: Call) -> Places:
    axes = int(call.name.split("pool")[1][0])
    sizes = zip(call.out.shape[-axes:], call.input[0].shape[-axes:], strict=True)
    return _through(call, [_parts(m, n) for m, n in sizes], 0)


def _interpolation(call: Call) -> Places:
    axes = call.out.dim() - 2
    mode, corners = call.argument(3, "mode", "nearest"), call.argument(4, "align_corners", False)
    if call.name == "upsample_bilinear":
        mode, corners = "bilinear", True
    given = call.argument(2, "scale_factor")
    kept = given is not None and not call.argument(5, "recompute_scale_factor", False)
    factors = _each(given, axes) if kept else [None] * axes
    at = []
    for m, n, factor in zip(call.out.shape[-axes:], call.input[0].shape[-axes:], factors, strict=True):
        step = 1 / factor if factor else n / m
        if mode == "area":
            at.append(_parts(m, n))
        elif corners and m > 1:
            at.append(_line(m, (n - 1) / (m - 1), 0.0))
        elif mode in ("nearest", "nearest-exact") and abs(1 / step - round(1 / step)) > ALIKE:
            first = 0.0 if mode == "nearest" else step / 2
            at.append(_line(m, step, first + ALIKE).floor().clamp(0, n - 1))
        else:
            at.append(_line(m, step, step / 2 - 0.5))
    return _through(call, at, 0)


def _shuffle(call: Call) -> Places:
    r, (h, w) = call.argument(1, "upscale_factor"), call.out.shape[-2:]
    at = [_line(n, 1 / r, 0.5 / r - 0.5) for n in (h, w)]
    return _through(call, at, call.out.shape[-3], call.out.shape[-3])


def _unshuffle(call: Call) -> Places:
    r, (h, w) = call.argument(1, "downscale_factor"), call.out.shape[-2:]
    return _through(call, [_line(n, r, (r - 1) / 2) for n in (h, w)], 0, call.out.shape[-3])


def _columns(call: Call) -> Places:
    """Windows as columns, F.unfold: (b, c, h, w) → (b, c · kernel, window). `Tensor.unfold` only moves."""
    if call.func is not F.unfold:
        return as_it_is(call)[0]
    kernels, dilations, pads, strides = _window(call, 1)
    at = []
    for n, k, d, p, s in zip(call.input[0].shape[-2:], kernels, dilations, pads, strides, strict=True):
        at.append(_line((n + 2 * p - d * (k - 1) - 1) // s + 1, s, d * (k - 1) / 2 - p))
    return tuple(each.flatten(-2) for each in _through(call, at, 0, call.out.shape[-2]))


def _window(call: Call, first: int) -> list[list[int]]:
    names, defaults = ("kernel_size", "dilation", "padding", "stride"), (1, 1, 0, 1)
    return [_each(call.argument(first + i, name, defaults[i]), 2) for i, name in enumerate(names)]


def _folding(call: Call) -> Places:
    size, (kernels, dilations, pads, strides) = _each(call.argument(1, "output_size"), 2), _window(call, 2)
    grid, at = [], []
    for n, k, d, p, s in zip(size, kernels, dilations, pads, strides, strict=True):
        grid.append((n + 2 * p - d * (k - 1) - 1) // s + 1)
        at.append(_line(n, 1 / s, (p - d * (k - 1) / 2) / s))
    channels = call.out.shape[-3]
    return _through(call, at, channels, channels, tuple(each.unflatten(-1, grid) for each in call.input))


def _padded(call: Call) -> Places:
    """Ramps go on beyond the edge, whatever the values there are."""
    found, pads = [], call.argument(1, "pad")
    for tensor in call.input:
        for i in range(len(pads) // 2):
            left, right = pads[2 * i], pads[2 * i + 1]
            n = tensor.shape[-1 - i]
            tensor = _read(tensor, -1 - i, _line(n + left + right, 1, -left).to(tensor.device))
        found.append(tensor)
    return tuple(found)


# what mixes samples of an axis, or none


def together(call: Call) -> Places:
    """Sample by sample, of everything that is given."""
    shape, given = call.out.shape, call.given
    if len({id(each) for each in given}) == 1 and given[0][0].shape == shape:
        return given[0]
    sums = [sum(unexpanded(each[k]) for each in given) for k in range(4)]
    return tuple(each.expand(shape) for each in sums if isinstance(each, Tensor))


def as_it_is(call: Call) -> list[Places]:
    runs = [call.again(k, lambda constant: torch.zeros_like(constant, dtype=torch.float64)) for k in range(4)]
    runs = [list(tensors_in(run)) for run in runs]
    return [tuple(run[i] for run in runs) for i in range(len(runs[0]))]


def _joined(call: Call) -> Places | list[Places]:
    """A concatenation; where all its parts lie alike, it takes no memory either."""
    parts, dim = call.argument(0, "tensors"), call.argument(1, "dim", call.kwargs.get("axis", 0))
    given = [call.places(part) for part in parts]
    own = [at for at in given if at is not None and _varies_not(at, dim)]
    alike = len(own) == len(given) and all(
        torch.equal(unexpanded(one), unexpanded(other)) for at in own[1:] for one, other in zip(own[0], at, strict=True)
    )
    if not alike:
        return as_it_is(call)
    return tuple(each.narrow(dim, 0, 1).expand(call.out.shape) for each in own[0])


def _varies_not(places: Places, dim: int) -> bool:
    return all(each.shape[dim] == 1 or each.stride(dim) == 0 for each in places)


def _set(call: Call) -> Places:
    target, where, value = call.args
    at, values = call.places(target), call.places(value)
    found = []
    for k in range(4):
        own = target.new_zeros(target.shape, dtype=torch.float64) if at is None else at[k].clone()
        own[where] = 0.0 if values is None else values[k]
        found.append(own)
    return tuple(found)


def _copy(call: Call) -> Places:
    at = call.places(call.argument(1, "src"))
    return nowhere(call.out) if at is None else tuple(each.expand(call.out.shape) for each in at)


def _reduction(call: Call) -> Places | list[Places]:
    second = call.argument(1, "other")
    if isinstance(second, Tensor):
        return together(call)
    dim = call.argument(2 if "norm" in call.name else 1, "dim", call.kwargs.get("axis"))
    if dim is None or (isinstance(dim, list | tuple) and not dim):
        return nowhere(call.out)
    dims = [axis % call.input[0].dim() for axis in ([dim] if isinstance(dim, int) else dim)]
    found = list(call.input)
    for axis in dims:
        found = [_mean(each, axis) for each in found]
    if call.out.dim() != call.input[0].dim():
        for axis in sorted(dims, reverse=True):
            found = [each.squeeze(axis) for each in found]
    return [tuple(found)] * 2


def _mean(tensor: Tensor, axis: int) -> Tensor:
    """Over an axis, which stays with one sample."""
    alike = tensor.shape[axis] > 0 and tensor.stride(axis) == 0
    return tensor.narrow(axis, 0, 1) if alike else tensor.mean(axis, keepdim=True)


def _linear(call: Call) -> Places:
    return tuple(_mean(each, -1).expand(call.out.shape) for each in call.input)


def _gated(call: Call) -> Places:
    """One half of an axis times a gate of the other."""
    dim = call.argument(1, "dim", -1)
    return tuple(a + b for a, b in (each.chunk(2, dim) for each in call.input))


def _first_placed(candidates: Iterator[Places]) -> Places:
    found = None
    for each in candidates:
        found = without_global(each)
        if not is_nowhere(found):
            break
    if found is None:
        raise ValueError("no factor was made from the image")
    return found


def _product(call: Call) -> Places:
    """Rows of the first factor, which queries are in attention; where these have no place, columns of the second."""
    skip = 1 if call.name in ("addmm", "baddbmm", "addbmm") else 0
    first, second = call.args[skip : skip + 2] if len(call.args) > skip + 1 else (call.args[0], call.kwargs["other"])
    if call.name == "__rmatmul__":
        first, second = second, first

    def candidates() -> Iterator[Places]:
        for factor, axis in ((first, -1), (second, -2)):
            if (at := call.places(factor)) is not None:
                yield tuple(_mean(each, axis).expand(call.out.shape) for each in at)

    return _first_placed(candidates())


def _einsum(call: Call) -> Places:
    factors = list(call.args[1]) if isinstance(call.args[1], list | tuple) else list(call.args[1:])

    def candidates() -> Iterator[Places]:
        for i, factor in enumerate(factors):
            if (at := call.places(factor)) is not None:
                ones = [torch.ones_like(each, dtype=torch.float64) for each in factors]
                yield tuple(torch.einsum(call.args[0], *ones[:i], own, *ones[i + 1 :]) for own in at)

    return _first_placed(candidates())


def _attention(call: Call) -> list[Places]:
    """Where the queries lie; the second answer, if there is one, are its weights."""
    at = call.places(call.argument(0, "query"))
    if at is None:
        return [nowhere(call.out)]
    return [tuple(_mean(each, -1).expand(call.out.shape) for each in at)]


_DIMENSIONS = ("1d", "2d", "3d")
RULES: dict[str, Callable[[Call], Any]] = {
    **{f"conv{d}": _convolution for d in _DIMENSIONS},
    **{f"conv_transpose{d}": _convolution for d in _DIMENSIONS},
    **{f"{kind}_pool{d}": _pooling for kind in ("max", "avg", "lp") for d in _DIMENSIONS},
    **{f"max_pool{d}_with_indices": _pooling for d in _DIMENSIONS},
    **{f"max_unpool{d}": _unpooling for d in _DIMENSIONS},
    **{f"adaptive_{kind}_pool{d}": _adaptive for kind in ("max", "avg") for d in _DIMENSIONS},
    **{f"adaptive_max_pool{d}_with_indices": _adaptive for d in _DIMENSIONS},
    **dict.fromkeys(("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"), _interpolation),
    "pixel_shuffle": _shuffle,
    "pixel_unshuffle": _unshuffle,
    "unfold": _columns,
    "fold": _folding,
    **dict.fromkeys(("pad", "constant_pad_nd"), _padded),
    **dict.fromkeys(("cat", "concat", "concatenate"), _joined),
    "__setitem__": _set,
    "copy_": _copy,
    **dict.fromkeys(
        (
            "mean", "sum", "max", "min", "amax", "amin", "std", "var", "norm", "vector_norm", "linalg_vector_norm",
            "logsumexp", "median", "nanmean", "nansum", "prod", "std_mean", "var_mean", "quantile",
        ),
        _reduction,
    ),
    "linear": _linear,
    "glu": _gated,
    **dict.fromkeys(("matmul", "__matmul__", "__rmatmul__", "bmm", "mm", "addmm", "baddbmm"), _product),
    "einsum": _einsum,
    **dict.fromkeys(("scaled_dot_product_attention", "multi_head_attention_forward"), _attention),
}  # fmt: skip
MOVES = frozenset(
    """
    view reshape permute transpose swapaxes swapdims movedim moveaxis t flatten unflatten squeeze unsqueeze ravel
    expand expand_as repeat repeat_interleave tile view_as reshape_as broadcast_to chunk split tensor_split
    split_with_sizes unbind hsplit vsplit stack hstack vstack dstack roll flip fliplr flipud rot90 narrow select
    __getitem__ index_select gather take_along_dim diagonal channel_shuffle as_strided native_channel_shuffle
    view_as_real view_as_complex real imag adjoint block_diag fft_fft2 fft_ifft2 fft_rfft2 fft_irfft2 fft_fftn
    fft_ifftn fft_rfftn fft_irfftn fft_fft fft_ifft fft_rfft fft_irfft fft_fftshift fft_ifftshift
    """.split()  # noqa: SIM905
)
UNKNOWN = frozenset(("grid_sample", "affine_grid", "sort", "msort", "topk", "embedding", "bilinear", "cdist"))
FRESH = frozenset(f"{what}_like" for what in ("zeros", "ones", "empty", "full", "rand", "randn", "randint"))
FORGET = frozenset(("zero_", "fill_", "normal_", "uniform_"))
