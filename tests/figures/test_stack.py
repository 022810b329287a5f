"""What the browser gets: levels that give the values back, sizes and ranges beside them."""

import base64
import zlib

import numpy as np
import pytest

from core.figures import Plane, quantise, stack


def unpack(packed):
    """As the browser does it: the values of every frame of every plane."""
    raw = np.frombuffer(zlib.decompress(base64.b64decode(packed.levels)), dtype=np.uint8)
    at, planes = 0, []
    for plane in packed.planes:
        frames = []
        low, high = plane["limits"]
        for h, w in plane["sizes"]:
            levels = raw[at : at + h * w].reshape(h, w)
            frames.append(np.where(levels == 255, np.nan, low + levels / 254 * (high - low)))
            at += h * w
        planes.append(frames)
    assert at == len(raw)
    return planes


def test_the_values_come_back():
    random = np.random.default_rng(0)
    planes = [
        Plane(tuple(random.normal(size=(n, n + 1)) for n in (3, 5, 8)), (-2.0, 2.0), 2.0, (0.5, -1.0)),
        Plane((random.uniform(size=(28, 28)),), (0.0, 1.0)),
    ]
    packed = stack(planes)
    for found, plane in zip(unpack(packed), planes, strict=True):
        step = (plane.limits[1] - plane.limits[0]) / 254
        for a, b in zip(found, plane.frames, strict=True):
            np.testing.assert_allclose(a, np.clip(b, *plane.limits), atol=0.501 * step)
    assert packed.planes[0]["stride"] == 2.0
    assert packed.planes[0]["centre"] == [0.5, -1.0]


def test_the_ends_the_middle_and_the_unknown():
    levels = quantise(np.array([-9.0, -1.0, 0.0, 1.0, 9.0, np.nan, np.inf]), (-1.0, 1.0))
    assert levels.tolist() == [0, 0, 127, 254, 254, 255, 254]


def test_a_name_is_that_of_the_content():
    one = Plane((np.zeros((4, 4)),), (-1.0, 1.0))
    same = Plane((np.zeros((4, 4)),), (-1.0, 1.0))
    other_range = Plane((np.zeros((4, 4)),), (-2.0, 2.0))
    other_values = Plane((np.eye(4),), (-1.0, 1.0))
    assert stack([one]).name == stack([same]).name
    assert len({stack([each]).name for each in (one, other_range, other_values)}) == 3


def test_what_cannot_be_packed_is_refused():
    with pytest.raises(ValueError, match="none"):
        stack([])
    with pytest.raises(ValueError, match="none"):
        Plane((), (0.0, 1.0))
    for limits in ((1.0, 1.0), (0.0, np.inf), (np.nan, 1.0)):
        with pytest.raises(ValueError, match="vmin < vmax"):
            Plane((np.zeros((2, 2)),), limits)
