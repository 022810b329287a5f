"""MNIST-Scale: its splits, its factors and its pixels, the same on every machine."""

import hashlib
import math

import numpy as np
import pytest
import torch

from core.data import mnist, mnist_scale
from core.data.mnist import LabelledImages
from core.data.mnist_scale import draw_scale_factors, generate, scale_digits, split_indices

# Of 70,000 digits, how many show each class (public fact about MNIST).
CLASS_COUNTS = (6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958)


def labels_like_mnist() -> torch.Tensor:
    in_order = torch.repeat_interleave(torch.arange(10), torch.tensor(CLASS_COUNTS))
    return in_order[torch.randperm(70_000, generator=torch.Generator().manual_seed(0))]


def drawn_images(n: int, size: int = 28) -> torch.Tensor:
    """Images by formula, in whole numbers: blocks of every grey level, sharp edges, ink up to the border."""
    k, y, x = torch.meshgrid(torch.arange(n), torch.arange(size), torch.arange(size), indexing="ij")
    pattern = (k * 7919 + (y // (2 + k % 3)) * 104729 + (x // (1 + k % 4)) * 1299709) % 256
    return torch.where((pattern * (k + 3)) % 5 < 2, 0, pattern).to(torch.uint8)[:, None]


@pytest.fixture
def small_pool(monkeypatch, tmp_path):
    """300 drawn images in place of MNIST's 70,000, and a cache folder of the test's own."""
    images, labels = drawn_images(300), torch.arange(300) % 10
    parts = {
        "train": LabelledImages(images[:200], labels[:200]),
        "test": LabelledImages(images[200:], labels[200:]),
    }
    loads = []

    def load(split, folder=None):
        loads.append(split)
        return parts[split]

    monkeypatch.setattr(mnist, "load_mnist", load)
    monkeypatch.setattr(mnist_scale, "cache_folder", lambda: tmp_path / "equiscope" / "mnist")
    monkeypatch.setattr(mnist_scale, "SPLITS", {"train": 60, "validation": 20, "test": 200})
    return loads


@pytest.mark.parametrize("realisation", range(3))
def test_splits_have_their_sizes_share_no_digit_and_keep_the_class_proportions(realisation):
    labels = labels_like_mnist()
    splits = split_indices(labels, realisation)
    assert {name: len(indices) for name, indices in splits.items()} == {
        "train": 10_000,
        "validation": 2_000,
        "test": 50_000,
    }
    everyone = torch.cat(list(splits.values()))
    assert len(everyone.unique()) == 62_000
    for indices in splits.values():
        counts = torch.bincount(labels[indices], minlength=10).double()
        proportional = torch.tensor(CLASS_COUNTS) * len(indices) / 70_000
        assert (counts - proportional).abs().max() < 1


def test_a_split_is_in_random_order():
    labels = labels_like_mnist()
    shown = labels[split_indices(labels, 0)["train"]]
    first = torch.bincount(shown[:1000], minlength=10) / 1000
    expected = torch.tensor(CLASS_COUNTS) / 70_000
    assert (first - expected).abs().max() < 0.05  # five standard deviations of a random thousand
    assert 0.05 < (shown[1:] == shown[:-1]).double().mean() < 0.15


def test_splits_that_ask_for_too_much_are_refused():
    with pytest.raises(ValueError, match=r"class 0 has 3 images left, but test needs 5"):
        split_indices(torch.arange(20) % 2, 0, {"train": 14, "test": 10})


def test_factors_are_uniform_between_03_and_1_in_exact_steps():
    factors = draw_scale_factors(70_000, 0)
    assert factors.min() >= 0.3
    assert factors.max() <= 1
    assert torch.equal(factors * 2**16, (factors * 2**16).round())
    # Kolmogorov–Smirnov: the distance to the uniform distribution stays below 1.95/√n once in a thousand.
    ranks = torch.arange(1, 70_001) / 70_000
    assert ((factors.sort().values - 0.3) / 0.7 - ranks).abs().max() < 1.95 / math.sqrt(70_000)


def test_a_realisation_repeats_and_differs_from_the_others():
    labels = labels_like_mnist()
    assert torch.equal(draw_scale_factors(1000, 3), draw_scale_factors(1000, 3))
    assert torch.equal(split_indices(labels, 3)["test"], split_indices(labels, 3)["test"])
    factors = [draw_scale_factors(1000, r) for r in range(6)]
    trains = [split_indices(labels, r)["train"] for r in range(6)]
    for a in range(6):
        for b in range(a):
            assert (factors[a] == factors[b]).double().mean() < 0.01
            assert not torch.equal(trains[a], trains[b])


def test_factors_do_not_depend_on_the_order_of_the_split():
    labels = labels_like_mnist()
    order = torch.cat([split_indices(labels, 0)[name] for name in ("train", "validation", "test")])
    along_the_order = draw_scale_factors(70_000, 0)[order]
    correlation = np.corrcoef(along_the_order.numpy(), np.arange(len(order)))[0, 1]
    assert abs(correlation) < 0.02  # five standard deviations; two draws from the same numbers would give 1


def test_factor_1_gives_back_the_image():
    images = drawn_images(20)
    assert torch.equal(scale_digits(images, torch.ones(20, dtype=torch.float64)), images)


def keys(t: float) -> float:
    t = abs(t)
    if t < 1:
        return 1.5 * t**3 - 2.5 * t**2 + 1
    return -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0


def slow_scale(image: list[list[int]], s: float) -> list[list[float]]:
    """The definition, pixel by pixel: read the 4×4 neighbours of the point this pixel comes from."""
    h, w = len(image), len(image[0])
    scaled = [[0.0] * w for _ in range(h)]
    for row in range(h):
        for column in range(w):
            y = (row + 0.5 - h / 2) / s + h / 2 - 0.5
            x = (column + 0.5 - w / 2) / s + w / 2 - 0.5
            grey = 0.0
            for i in range(math.floor(y) - 1, math.floor(y) + 3):
                for j in range(math.floor(x) - 1, math.floor(x) + 3):
                    if 0 <= i < h and 0 <= j < w:  # outside the canvas is background
                        grey += image[i][j] * keys(y - i) * keys(x - j)
            scaled[row][column] = min(255.0, max(0.0, grey))
    return scaled


@pytest.mark.parametrize(("h", "w"), [(28, 28), (9, 12)])
def test_pixels_agree_with_the_definition(h, w):
    factors = [0.3, 0.41, 0.5, 0.77, 0.999, 1.0, 1.6]
    images = drawn_images(len(factors))[..., :h, :w].contiguous()
    scaled = scale_digits(images, torch.tensor(factors, dtype=torch.float64))
    for image, s, result in zip(images, factors, scaled, strict=True):
        expected = torch.tensor(slow_scale(image[0].tolist(), s))
        assert (result[0] - expected).abs().max() <= 0.501  # half a level is the rounding to 8 bits


def test_half_a_level_rounds_up():
    # At s = ½ on an even canvas every pixel reads midway between two, with weights −1, 9, 9, −1 of 16.
    image = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    image[0, 0, 3:5, 3:5] = 2  # pixel (3, 3) reads two of them on each axis: 2 · (9/16 − 1/16)² = ½
    half = scale_digits(image, torch.tensor([0.5], dtype=torch.float64))
    assert half[0, 0, 2:6, 2:6].tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_scaling_keeps_the_centre_and_treats_both_axes_alike():
    images, factors = drawn_images(30), draw_scale_factors(30, 1)
    scaled = scale_digits(images, factors)
    assert torch.equal(scale_digits(images.mT.contiguous(), factors), scaled.mT)
    mirrored = scale_digits(images.flip(-1), factors).flip(-1)
    assert (mirrored.int() - scaled.int()).abs().max() <= 1  # a weight may round the other way


def test_no_pixel_depends_on_the_order_of_summation(monkeypatch):
    images, factors = drawn_images(40), draw_scale_factors(40, 2)
    together = scale_digits(images, factors)
    threads = torch.get_num_threads()
    try:
        for chunk, count in ((1, 1), (7, 2)):
            monkeypatch.setattr(mnist_scale, "_CHUNK", chunk)
            torch.set_num_threads(count)
            assert torch.equal(scale_digits(images, factors), together)
    finally:
        torch.set_num_threads(threads)
    for antialias in (False, True):
        weights = mnist_scale._whole_weights(28, 28, factors, antialias)
        assert weights.abs().sum(-1).max() ** 2 * 255 < 2**53  # so float64 holds every partial sum exactly


def test_a_bright_canvas_is_cut_to_8_bits():
    image = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    image[..., 10:18, 10:18] = 255  # bicubic overshoots at its edges, above 255 and below 0
    scaled = scale_digits(image, torch.tensor([0.73], dtype=torch.float64))[0, 0]
    assert scaled[13, 13] >= 250
    assert scaled.double().mean() < 255 * (8 / 28) ** 2
    assert scaled[:8].sum() == 0


@pytest.mark.parametrize("factor", [0.0, -0.5, math.inf, math.nan])
def test_a_factor_that_is_no_scale_is_refused(factor):
    with pytest.raises(ValueError, match="scale_factor must be a positive number"):
        scale_digits(drawn_images(2), torch.tensor([0.5, factor], dtype=torch.float64))


def test_no_images_give_no_images():
    assert scale_digits(drawn_images(0), torch.zeros(0, dtype=torch.float64)).shape == (0, 1, 28, 28)


def test_pixels_are_the_same_on_every_machine():
    scaled = scale_digits(drawn_images(200), draw_scale_factors(200, 0))
    assert (
        hashlib.sha256(scaled.numpy().tobytes()).hexdigest()
        == "f85668687e234c747bfbcb23db957191677729d22390113b988082c1218418cf"
    )


@pytest.mark.slow
@pytest.mark.skipif(
    not mnist.is_available(),
    reason="MNIST is not on this machine; EQUISCOPE_MNIST may name a folder that has it",
)
@pytest.mark.parametrize(
    ("split", "size", "sha256"),
    [
        ("train", 10_000, "7e664c8bf1efd202d07e80a32a6e3844c68ce1a7f3ce43e710d8e4fe178b86dc"),
        ("validation", 2_000, "78f02aaa2515dcd46edb59ec123f17ce4685a467a42743eff46238c206fc4eb2"),
        ("test", 50_000, "4995a2cf79a036b8bb158f25e084a5e7c53d7336032a2448a663456f933afffe"),
    ],
)
def test_realisation_0_of_mnist_is_the_same_on_every_machine(split, size, sha256):
    digits = generate(split, 0)
    assert len(digits) == size
    assert digits.images.amax((1, 2, 3)).min() > 60  # no digit has faded away
    assert mnist_scale.digest(digits) == sha256


def test_images_labels_and_factors_belong_together(small_pool):
    pool, labels = drawn_images(300), torch.arange(300) % 10
    indices = split_indices(labels, 4, mnist_scale.SPLITS)
    for split, members in indices.items():
        digits = generate(split, 4)
        assert torch.equal(digits.labels, labels[members])
        assert torch.equal(digits.scale_factors, draw_scale_factors(300, 4)[members])
        assert torch.equal(digits.images, scale_digits(pool[members], digits.scale_factors))


def same(a, b) -> bool:
    return all(torch.equal(getattr(a, f), getattr(b, f)) for f in ("images", "labels", "scale_factors"))


def test_the_second_call_reads_the_cache_and_gives_the_same(small_pool):
    first = mnist_scale.mnist_scale("test", 2)
    loads = len(small_pool)
    second = mnist_scale.mnist_scale("test", 2)
    assert same(first, second)
    assert len(small_pool) == loads
    assert not same(second, mnist_scale.mnist_scale("test", 3))


@pytest.mark.parametrize("part", [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("cut", [True, False])
def test_a_broken_cache_file_is_made_anew(small_pool, tmp_path, part, cut):
    whole = mnist_scale.mnist_scale("train", 1)
    (path,) = (tmp_path / "equiscope" / "mnist-scale").iterdir()
    content = path.read_bytes()
    at = int(part * len(content))
    path.write_bytes(content[:at] if cut else content[:at] + bytes(b ^ 0x5A for b in content[at:]))
    assert same(mnist_scale.mnist_scale("train", 1), whole)
    loads = len(small_pool)
    assert same(mnist_scale.mnist_scale("train", 1), whole)
    assert len(small_pool) == loads  # the file is sound again


def test_a_cache_file_with_other_content_is_not_believed(small_pool, tmp_path):
    whole = mnist_scale.mnist_scale("train", 1)
    (path,) = (tmp_path / "equiscope" / "mnist-scale").iterdir()
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    arrays["labels"] = (arrays["labels"] + 1) % 10
    np.savez_compressed(path, **arrays)
    assert same(mnist_scale.mnist_scale("train", 1), whole)


def test_a_cache_that_cannot_be_written_does_no_harm(small_pool, tmp_path):
    (tmp_path / "equiscope").write_text("a file where the folder should be")
    assert len(mnist_scale.mnist_scale("validation")) == 20


@pytest.mark.parametrize(
    ("split", "realisation", "said"),
    [("valid", 0, "unknown split 'valid'; known are train, validation, test"), ("train", 6, "0 to 5, got 6")],
)
def test_unknown_splits_and_realisations_are_refused(split, realisation, said):
    with pytest.raises(ValueError, match=said):
        mnist_scale.mnist_scale(split, realisation)
