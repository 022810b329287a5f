"""Every source of digits: its names, its pictures by one path or another, what it cannot do in one sentence."""

import io

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from core.data import mnist as mnist_module
from core.data.colour_photographs import colour_photograph, colour_photographs
from core.data.drawing import Drawing
from core.data.glyphs import GLYPHS, SizedGlyph, glyph
from core.data.images import ImageRefused, decode_image
from core.data.mnist import MnistMissing, load_mnist
from core.data.sources import SOURCES, Upload, crop_of, source_named
from core.equivariance import EDGES
from core.resampling import rescale

DRAWN = Drawing((((-3.0, -8.0), (2.0, -2.0), (-1.0, 7.0)),), 2.5).to_text()
EACH = pytest.mark.parametrize("key", SOURCES)


def photograph():
    """A PNG of a dark bar on light paper."""
    picture = Image.new("L", (60, 60), 230)
    picture.paste(20, (25, 10, 34, 50))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def store():
    kept = {}
    SOURCES["upload"].keep(photograph(), kept)
    return kept


def a_name(key, store):
    upload = next(iter(store))
    return {"vector": "3-round", "mnist": "7", "upload": upload, "draw": DRAWN, "photograph": "cat-masked"}[key]


def missing_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("EQUISCOPE_MNIST", str(tmp_path))


def needs_mnist(key):
    if not SOURCES[key].is_available():
        pytest.skip("MNIST is not on this machine")


def test_the_table_has_the_keys_of_links():
    assert list(SOURCES) == ["vector", "mnist", "upload", "draw", "photograph"]
    assert all(source_named(key) is each and each.key == key for key, each in SOURCES.items())
    assert [each.title for each in SOURCES.values()] == ["Vector", "MNIST", "Upload", "Draw", "Photograph"]
    assert {key: each.title_of_many for key, each in SOURCES.items() if each.count} == {
        "vector": "Vector digits", "mnist": "MNIST test digits"
    }  # fmt: skip
    assert [key for key, each in SOURCES.items() if each.has_strokes] == ["vector", "draw"]
    assert (SOURCES["vector"].count, SOURCES["mnist"].count) == (40, 10_000)
    with pytest.raises(ValueError, match="source must be one of vector, mnist, upload, draw, photograph, got 'photo'"):
        source_named("photo")


@EACH
def test_a_digit_is_an_image_at_its_size(key, store):
    needs_mnist(key)
    source, name = SOURCES[key], a_name(key, store)
    assert source.check(name) == name
    assert source.title_of(name)
    large, small = (source.image(name, size, store) for size in (1.0, 0.5))
    for image in (large, small):
        assert image.shape == (1, 3 if source.in_colour else 1, 28, 28)
        assert 0.5 < image.max() <= 1.1
    if not source.has_size:
        assert torch.equal(large, small)
        return
    assert 0.15 < float(small.sum() / large.sum()) < 0.35  # a quarter of the area
    assert torch.equal(source.pictures(name, 0.5, store=store), small)


def test_the_images_are_those_of_their_makers(store):
    assert torch.equal(SOURCES["vector"].image("3-round", 0.7), glyph("3-round").render(0.7))
    assert torch.equal(SOURCES["draw"].image(DRAWN, 0.7), Drawing.from_text(DRAWN).render(0.7))
    name = next(iter(store))
    assert torch.equal(SOURCES["upload"].image(name, 0.7, store), rescale(decode_image(photograph()).image, 0.7))
    needs_mnist("mnist")
    expected = rescale(load_mnist("test").images[7][None].float() / 255, 0.7)
    assert torch.equal(SOURCES["mnist"].image("7", 0.7), expected)


@EACH
@pytest.mark.parametrize("side", [28, 56])
def test_on_a_larger_canvas_it_is_as_large_a_part_of_it(key, side, store, tmp_path, monkeypatch):
    """Means over the squares of a 7×7 grid hardly tell 28 pixels from 56; its lines give the same image."""
    needs_mnist(key)
    source, name = SOURCES[key], a_name(key, store)
    small, large = source.image(name, 0.7, store), source.on_canvas(name, side, 0.7, store)
    assert large.shape == (1, small.shape[1], side, side)
    least = -0.05 if key == "mnist" else -0.02  # bicubic falls below 0 beside a hard edge
    assert least <= large.min() <= large.max() <= 1.1
    coarse = [F.adaptive_avg_pool2d(each, 7) for each in (small, large)]
    assert float((coarse[0] - coarse[1]).abs().max()) < 0.06
    assert torch.equal(source.pictures(name, 0.7, store=store, side=side), large)
    (tmp_path / "digit.png").write_bytes(photograph())
    monkeypatch.chdir(tmp_path)
    assert torch.equal(digits_of(source.code(name, None, 0.7, side), side), large)
    if source.count:
        many = source.first_on_canvas(side, 3, 0.7, start=1)
        assert torch.equal(many, torch.cat([source.on_canvas(source.name_at(k), side, 0.7) for k in (1, 2)]))
        assert torch.equal(digits_of(source.code("", 3, 0.7, side), side)[1:], many)
    if source.has_strokes:
        (drawn,) = source.pictures(name, 0.7, drawn=True, side=side)
        assert torch.equal(drawn.render(1.0, side), large)


def digits_of(code, side=28):
    """What lines of code load, as images."""
    names: dict = {}
    exec("\n".join([*code.imports, *code.lines]), names)
    digits = names["digits"]
    return digits if isinstance(digits, torch.Tensor) else torch.cat([each.render(1.0, side) for each in digits])


def test_photographs_are_those_that_come_along_and_know_their_edge():
    source = SOURCES["photograph"]
    names = [f"{which}-masked" for which in source.fields[0].values]
    assert torch.equal(torch.cat([source.on_canvas(name, 48) for name in names]), colour_photographs(48).images)
    assert [source.edge_of(f"cat-{edge}") for edge in source.fields[1].values] == list(EDGES)
    assert source.title_of("cat-mirrored") == "a photograph of a cat"
    assert [key for key, each in SOURCES.items() if each.in_colour] == ["photograph"]
    assert {SOURCES[key].edge_of("3-round") for key in ("vector", "mnist", "upload", "draw")} == {"masked"}
    with pytest.raises(ValueError, match=r"a photograph is one of astronaut\.jpg"):
        colour_photograph("../README.md")


@EACH
def test_what_has_strokes_is_drawn_again_and_the_rest_says_that_it_cannot(key, store):
    source, name = SOURCES[key], a_name(key, store)
    if source.has_strokes:
        (drawn,) = source.pictures(name, 0.7, drawn=True)
        assert isinstance(drawn, SizedGlyph)
        torch.testing.assert_close(drawn.render(0.8), source.image(name, 0.7 * 0.8))
    else:
        with pytest.raises(ValueError, match=f"a digit of {source.title} has no strokes"):
            source.pictures(name, 0.7, drawn=True, store=store)


@EACH
def test_a_sample_is_its_first_digits(key):
    needs_mnist(key)
    source = SOURCES[key]
    if not source.count:
        for call in (lambda: source.first(3), lambda: source.code_of_first(3, 0.7), lambda: source.name_at(0)):
            with pytest.raises(ValueError, match=f"{source.title} has no sample of many digits"):
                call()
        return
    images = source.first(5, 0.7)
    assert images.shape == (5, 1, 28, 28)
    assert torch.equal(source.first(5, 0.7, start=3), images[3:])
    assert torch.equal(source.image(source.name_at(4), 0.7), images[4:])
    assert [source.label_of(source.name_at(place)) for place in (0, 1)] == ([7, 2] if key == "mnist" else [0, 0])
    name = source.name_of({field.key: field.usual for field in source.fields})
    alone = source.image(name, 0.7)
    assert source.check(name) == name
    if source.has_strokes:
        assert [each.glyph for each in source.first(4, 0.7, drawn=True, start=2)] == list(GLYPHS[2:4])
    else:
        assert torch.equal(images[:1], alone)  # of index 0
        with pytest.raises(ValueError, match="has no strokes"):
            source.first(4, 0.7, drawn=True)


@pytest.mark.parametrize(
    ("key", "names", "message"),
    [
        ("vector", ("", "3", "12-round", "3-round "), "unknown glyph"),
        ("mnist", ("", "-1", "10000", "1.5", "³", "7;"), "a number from 0 to 9999, got"),
        ("upload", ("", "0123456789a", "0123456789abc", "0123456789ag", "0123456789ab\n"), "digits of a SHA-256, got"),
        ("upload", ("0123456789ab-1-2-3", "0123456789ab-0-0-101-9", "0123456789ab-00-0-9-9"), "SHA-256, got"),
        ("draw", ("", "x", DRAWN[:-4]), "drawing"),
        ("photograph", ("", "cat", "dog-masked", "cat-masked-", "cat-background"), "a photograph is one of astronaut"),
    ],
)
def test_what_is_no_name_is_refused(key, names, message):
    for name in names:
        with pytest.raises(ValueError, match=message):
            SOURCES[key].check(name)
    if key in ("mnist", "upload"):
        with pytest.raises(ValueError, match=message):  # a name is anybody's, and these two stand in code as they are
            SOURCES[key].code_of_one("1]; import os", 1.0)


def test_fields_make_names():
    assert SOURCES["vector"].name_of({"digit": 3, "hand": "round"}) == "3-round"
    assert SOURCES["mnist"].name_of({"mnist": 7}) == "7"
    assert SOURCES["draw"].name_of({"drawn": DRAWN}) == DRAWN
    for source, name in (("vector", "3-round"), ("mnist", "7"), ("draw", DRAWN), ("photograph", "cat-mirrored")):
        assert SOURCES[source].name_of(SOURCES[source].values_of(name)) == name
    with pytest.raises(ValueError, match="nobody said"):
        SOURCES["draw"].label_of(DRAWN)
    keys = [field.key for source in SOURCES.values() for field in source.fields]
    assert keys == ["digit", "hand", "mnist", "upload", "drawn", "photograph", "edge"]  # as links have them
    index = SOURCES["mnist"].fields[0]
    assert (index.low, index.high, index.usual) == (0, 9999, 0)


def test_an_upload_is_kept_once_under_the_start_of_its_hash(store):
    upload = SOURCES["upload"]
    (name,) = store
    kept = store[name]
    assert upload.keep(photograph(), store) == upload.check(name)
    assert store[name] is kept
    with pytest.raises(ImageRefused):
        upload.keep(b"no picture", store)
    assert list(store) == [name]
    with pytest.raises(ValueError, match="The uploaded picture is gone; please upload it again"):
        upload.image(name)
    assert Upload().image(name, store=store).shape == (1, 1, 28, 28)


def test_without_its_files_mnist_says_so(monkeypatch, tmp_path):
    missing_mnist(monkeypatch, tmp_path)
    assert not SOURCES["mnist"].is_available()
    assert not mnist_module.is_available()
    for call in (lambda: SOURCES["mnist"].image("7"), lambda: SOURCES["mnist"].first(3)):
        with pytest.raises(MnistMissing):
            call()
    assert all(each.is_available() for key, each in SOURCES.items() if key != "mnist")


@EACH
def test_its_lines_run_and_load_the_same(key, store, tmp_path, monkeypatch):
    needs_mnist(key)
    source, name = SOURCES[key], a_name(key, store)
    (tmp_path / "digit.png").write_bytes(photograph())
    monkeypatch.chdir(tmp_path)
    codes = [(source.code_of_one(name, 0.7), source.image(name, 0.7, store))]
    if source.count:
        codes.append((source.code_of_first(3, 0.7), source.first(3, 0.7)))
    for code, expected in codes:
        assert torch.equal(digits_of(code), expected)


def test_a_crop_of_an_upload_is_another_name_for_the_same_file(store):
    upload, data = SOURCES["upload"], photograph()
    whole = next(iter(store))
    assert upload.keep(data, store, (0.0, 0.0, 1.0, 1.0)) == whole
    cropped = upload.keep(data, store, (0.104, 0.0, 0.9, 1.0))
    assert cropped == f"{whole}-10-0-90-100"
    assert upload.check(cropped) == cropped
    assert (crop_of(whole), crop_of(cropped)) == ((0.0, 0.0, 1.0, 1.0), (0.1, 0.0, 0.9, 1.0))
    assert torch.equal(store[cropped].image, decode_image(data, crop=(0.1, 0.0, 0.9, 1.0)).image)
    assert store[cropped].original is store[whole].original


@pytest.mark.parametrize("crop", ["9-0-9-9", "0-50-9-49"])
def test_a_crop_that_holds_nothing_is_refused(crop):
    with pytest.raises(ValueError, match="from left to right and from top to bottom"):
        SOURCES["upload"].check(f"0123456789ab-{crop}")


def test_the_code_of_a_crop_has_the_crop(tmp_path, monkeypatch, store):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digit.png").write_bytes(photograph())
    name = SOURCES["upload"].keep(photograph(), store, (0.1, 0.0, 0.9, 1.0))
    code = SOURCES["upload"].code_of_one(name, 0.7)
    made: dict[str, torch.Tensor] = {}
    exec("\n".join((*code.imports, *code.lines)), made)
    assert torch.equal(made["digits"], SOURCES["upload"].image(name, 0.7, store))
