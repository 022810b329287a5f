import io
import random
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile, features

from core.data.glyphs import glyph
from core.data.images import MAX_BYTES, MAX_PIXELS, ImageRefused, decode_image, object_size, original_of
from core.data.picture_files import MAX_PHOTO_PIXELS, read_picture

FITTED = "Fitted into the middle 20×20 pixels, as MNIST does."
KEPT = "Already 28×28 pixels: its place and size are kept."
INVERTED = "Dark on light: inverted."

# A digit of 100 pixels, off the centre of its sheet; what a fit into 28×28 must give back.
THREE = glyph("3-round")
INK = np.roll(THREE.render(5.0, (120, 150))[0, 0].numpy(), -12, axis=1)
LIGHT = Image.fromarray((255 * INK).round().astype(np.uint8))
DARK = Image.fromarray((255 - 255 * INK).round().astype(np.uint8))


def encode(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def with_alpha(tone: int) -> Image.Image:
    """Ink of one tone on nothing."""
    return Image.merge("LA", [Image.new("L", LIGHT.size, tone), LIGHT])


def sixteen_bits(largest: int) -> Image.Image:
    return Image.fromarray((INK * largest).round().astype(np.uint16))


def quarter_turned(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encode(DARK.transpose(Image.Transpose.ROTATE_90), kind, exif=exif)


def floats() -> bytes:
    values = INK.copy()
    values[0, 0] = np.nan
    return encode(Image.fromarray(values), "TIFF")


FILES = {
    "png": encode(DARK),
    "png, light on dark": encode(LIGHT),
    "png, 1 bit": encode(DARK.convert("1", dither=Image.Dither.NONE)),
    "png, palette": encode(DARK.convert("P")),
    "png, palette and transparency": encode(DARK.convert("P"), transparency=255),
    "png, rgb": encode(Image.merge("RGB", [DARK, DARK, Image.new("L", DARK.size, 255)])),
    "png, black on nothing": encode(with_alpha(0)),
    "png, white on nothing": encode(with_alpha(255).convert("RGBA")),
    "png, 16 bits": encode(sixteen_bits(65535)),
    "png, 12 of 16 bits": encode(sixteen_bits(4095)),
    "png, several frames": encode(DARK, save_all=True, append_images=[LIGHT]),
    "jpeg": encode(DARK, "JPEG"),
    "jpeg, cmyk": encode(DARK.convert("CMYK"), "JPEG"),
    "jpeg, turned": quarter_turned("JPEG"),
    "webp": encode(DARK, "WEBP"),
    "webp, turned": quarter_turned("WEBP"),
    "webp, several frames": encode(DARK, "WEBP", save_all=True, append_images=[LIGHT]),
    "gif": encode(DARK, "GIF"),
    "gif, several frames": encode(DARK, "GIF", save_all=True, append_images=[LIGHT]),
    "bmp": encode(DARK, "BMP"),
    "tiff": encode(DARK, "TIFF"),
    "tiff, 16 bits": encode(sixteen_bits(60000), "TIFF"),
    "tiff, 32 bits": encode(Image.fromarray((INK * 2**30).astype(np.int32)), "TIFF"),
    "tiff, floats": floats(),
}
if features.check("libtiff"):
    FILES |= {
        "tiff, lzw": encode(DARK, "TIFF", compression="tiff_lzw"),
        "tiff, packbits": encode(DARK, "TIFF", compression="packbits"),
        "tiff, 16 bits, lzw": encode(sixteen_bits(60000), "TIFF", compression="tiff_lzw"),
        "tiff, g4": encode(DARK.convert("1", dither=Image.Dither.NONE), "TIFF", compression="group4"),
    }
if features.check("avif"):
    FILES["avif"] = encode(DARK, "AVIF")


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRefused) as refused:
        decode_image(data)
    message = str(refused.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_the_same_digit_comes_out_of_every_kind_of_file(data: bytes):
    decoded = decode_image(data)
    assert decoded.image.shape == (1, 1, 28, 28)
    assert decoded.image.dtype == torch.float32
    assert decoded.image.min() == 0
    assert decoded.image.max() == 1
    assert FITTED in decoded.notes
    exact = THREE.render()
    # Lossy compression, 1 bit and another anti-aliasing filter; a turned, inverted or clipped digit gives above 0.6.
    assert (decoded.image - exact).norm() / exact.norm() < 0.12


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("png", INVERTED),
        ("png, rgb", "Colours became grey."),
        ("png, black on nothing", "Transparent parts became white paper."),
        ("png, white on nothing", "Transparent parts became black paper."),
        ("png, 12 of 16 bits", "More than 8 bits a pixel: scaled by the range that occurs."),
        ("png, several frames", "Only the first frame of the animation is used."),
        ("gif, several frames", "Only the first frame of the animation is used."),
        ("webp, several frames", "Only the first frame of the animation is used."),
        ("jpeg, turned", "Turned upright, as the camera noted."),
    ],
)
def test_what_was_done_is_said(kind: str, note: str):
    assert note in decode_image(FILES[kind]).notes


def test_what_was_not_done_is_not_said():
    assert decode_image(FILES["png, light on dark"]).notes == (FITTED,)
    assert decode_image(encode(Image.fromarray((255 * THREE.render()[0, 0].numpy()).astype(np.uint8)))).notes == (KEPT,)


@pytest.mark.parametrize("scale_factor", [0.4, 1.0, 1.9])
def test_a_picture_of_the_right_size_keeps_place_and_size(scale_factor: float):
    pixels = (255 * THREE.render(scale_factor)[0, 0].numpy()).round().astype(np.uint8)
    shifted = np.roll(pixels, (3, -2), axis=(0, 1))
    for picture in (shifted, 255 - shifted):
        decoded = decode_image(encode(Image.fromarray(picture)))
        assert KEPT in decoded.notes
        assert (decoded.image[0, 0] - torch.tensor(shifted) / 255).abs().max() < 1e-6


@pytest.mark.parametrize("size", [1, 20, 28, 56, 600])
def test_the_canvas_can_have_another_size(size: int):
    decoded = decode_image(FILES["png"], size)
    assert decoded.image.shape == (1, 1, size, size)
    ink = (decoded.image[0, 0] > 0.3).nonzero()
    assert (ink.amax(0) - ink.amin(0) + 1).max() == pytest.approx(size * 20 / 28, rel=0.02, abs=2)


def test_a_canvas_of_no_pixels_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="size must be at least 1 pixel, got 0"):
        decode_image(FILES["png"], 0)


def test_a_fitted_digit_is_centred_by_its_mass():
    image = decode_image(encode(Image.fromarray((255 * np.roll(INK, 15, axis=0)).astype(np.uint8)))).image[0, 0]
    positions = torch.arange(28) + 0.5 - 14
    assert abs(image.sum(0) @ positions / image.sum()) < 0.1
    assert abs(image.sum(1) @ positions / image.sum()) < 0.1


def test_lopsided_ink_stays_on_the_canvas():
    lopsided = np.zeros((200, 100), dtype=np.uint8)
    lopsided[10:190, 48:52] = 255
    lopsided[150:190, 5:95] = 255
    image = decode_image(encode(Image.fromarray(lopsided))).image[0, 0]
    rows = image.amax(1).gt(0.1).nonzero()
    assert rows[-1] - rows[0] + 1 == pytest.approx(20, abs=1)


@pytest.mark.parametrize("seed", range(4))
def test_a_photograph_with_noise_and_uneven_light_gives_a_clean_digit(seed: int):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : INK.shape[0], 0 : INK.shape[1]] / 150 - 0.5
    direction = rng.uniform(0, 2 * np.pi)
    light = 0.7 + 0.3 * (np.cos(direction) * x + np.sin(direction) * y)
    photograph = light * (1 - 0.75 * INK) + 0.03 * rng.standard_normal(INK.shape)
    picture = Image.fromarray((255 * photograph.clip(0, 1)).astype(np.uint8))
    decoded = decode_image(encode(picture.convert("RGB"), "JPEG", quality=70))
    exact = THREE.render()
    assert INVERTED in decoded.notes
    assert decoded.image[exact == 0].mean() < 0.02
    assert (decoded.image - exact).norm() / exact.norm() < 0.3  # strokes in the shade come out greyer


def test_transparent_corners_do_not_become_ink():
    alpha = np.full(INK.shape, 255, dtype=np.uint8)
    alpha[:10, :10] = alpha[-10:, -10:] = 0
    decoded = decode_image(encode(Image.merge("LA", [DARK, Image.fromarray(alpha)])))
    assert "Transparent parts took the tone of the border." in decoded.notes
    assert (decoded.image - THREE.render()).norm() / THREE.render().norm() < 0.12


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (b"This is not a picture at all.", "not an image that can be read here"),
        (b"<?xml version='1.0'?><svg/>", "an SVG or HTML file, which is not supported"),
        (b"%PDF-1.7", "a PDF file, which is not supported"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "a HEIC file, which is not supported"),
        (FILES["png"][:300], "This PNG file is damaged or cut off"),
        (FILES["jpeg"][:-500], "This JPEG file is damaged or cut off"),
        (FILES["webp"][:200], "This WebP file is damaged or cut off"),
        (FILES["gif"][:200], "This GIF file is damaged or cut off"),
        (FILES["bmp"][:500], "This BMP file is damaged or cut off"),
        (FILES["tiff"][:500], "This TIFF file is damaged or cut off"),
        (b"\x89PNG\r\n\x1a\n", "This PNG file is damaged or cut off"),
        (encode(DARK, "TIFF", compression="jpeg"), "This TIFF file is compressed in a way that is not supported"),
        (b"BM" + bytes(MAX_BYTES), "The file is too large: 20.0 MB, where at most 20 are read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str):
    assert reason in refusal(data)


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("1", (1, 1)),
        Image.new("L", (28, 28), 255),
        Image.new("RGB", (300, 200), (10, 200, 30)),
        Image.new("RGBA", (40, 40), (0, 0, 0, 0)),
        Image.new("I;16", (30, 30), 700),
        Image.effect_noise((64, 64), 0.5),
    ],
    ids=lambda picture: f"{picture.mode} {picture.size}",
)
def test_a_picture_without_ink_is_refused(picture: Image.Image):
    assert refusal(encode(picture)) == "The picture is one even tone, so no digit can be seen in it."


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (5000, 5000), (MAX_PIXELS + 1, 1)])
def test_a_header_that_claims_too_many_pixels_is_refused_before_any_is_decoded(width: int, height: int, monkeypatch):
    def load(file: ImageFile.ImageFile):
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    message = refusal(png_that_claims(width, height))
    assert f"{width:,}×{height:,} pixels" in message
    assert f"at most {MAX_PIXELS:,} pixels" in message


def test_a_webp_that_claims_too_many_pixels_is_refused_too():
    data = bytearray(FILES["webp, several frames"])
    canvas = data.index(b"VP8X") + 12
    data[canvas : canvas + 6] = (19_999).to_bytes(3, "little") * 2
    assert "400,000,000 pixels, where at most" in refusal(bytes(data))


def large(side: int, **options) -> bytes:
    """A JPEG with the digit on a sheet of that many pixels a side."""
    sheet = Image.new("L", (side, side), 255)
    sheet.paste(DARK.resize((side // 2, side // 5 * 2)), (side // 8, side // 4))
    return encode(sheet.convert("RGB"), "JPEG", **options)


def test_the_megapixels_of_phones_are_decoded_small():
    data = large(6000)
    read = read_picture(data, 2048)
    assert read.size == (6000, 6000)
    assert read.picture.size == (3000, 3000)
    assert (decode_image(data).image - decode_image(large(600)).image).abs().max() < 0.2
    # 3000 × 20/21 pixels of digit, and both are averaged by 6 pixels
    assert object_size(data) == pytest.approx(10 * object_size(large(600)), abs=12)


def test_only_what_is_decoded_row_by_row_may_have_more_pixels():
    assert "where at most 16,777,216 pixels" in refusal(large(4200, progressive=True))
    assert decode_image(large(4200)).image.max() == 1
    claims = bytearray(large(600))
    frame = claims.index(b"\xff\xc0") + 5
    claims[frame : frame + 4] = (8193).to_bytes(2) * 2
    assert f"8,193×8,193 pixels, where at most {MAX_PHOTO_PIXELS:,} pixels" in refusal(bytes(claims))


def test_a_crop_is_a_part_of_the_upright_picture():
    pair = Image.new("L", (300, 120), 255)
    pair.paste(DARK, (0, 0))
    pair.paste(DARK.transpose(Image.Transpose.ROTATE_180), (150, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(pair.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    left = decode_image(data, crop=(0, 0, 0.5, 1))
    assert (left.image - THREE.render()).norm() / THREE.render().norm() < 0.12
    assert (decode_image(data, crop=(0.5, 0, 1, 1)).image - left.image).norm() > 3
    assert left.original.shape == (120, 300, 3)  # all of it
    assert (left.original[:, :, 0] == np.asarray(pair)).all()


@pytest.mark.parametrize(
    "crop", [(0, 0, 0, 1), (0.5, 0, 0.4, 1), (-0.1, 0, 1, 1), (0, 0, 1, 1.1), (0, float("nan"), 1, 1)]
)
def test_a_crop_that_holds_nothing_is_a_mistake_of_the_caller(crop):
    with pytest.raises(ValueError, match="crop must be left, top, right and bottom from 0 to 1"):
        decode_image(FILES["png"], crop=crop)


@pytest.mark.parametrize("kind", FILES)
def test_the_original_is_small_and_in_colours(kind: str):
    original = decode_image(FILES[kind]).original
    assert original.shape == (120, 150, 3)
    assert original.dtype == np.uint8


def test_the_original_is_there_without_ink():
    assert (original_of(FILES["png"]) == decode_image(FILES["png"]).original).all()
    blank = io.BytesIO()
    Image.new("L", (90, 60), 200).save(blank, "PNG")
    with pytest.raises(ImageRefused, match="one even tone"):
        decode_image(blank.getvalue())
    assert (original_of(blank.getvalue()) == 200).all()
    with pytest.raises(ImageRefused):
        original_of(b"not a picture")


def test_a_large_original_becomes_small():
    assert max(decode_image(large(1300)).original.shape) <= 320


def test_strange_shapes_are_no_trouble():
    line = np.zeros((1, 900), dtype=np.uint8)
    line[0, 300:600] = 255
    assert decode_image(encode(Image.fromarray(line))).image.max() == 1
    assert decode_image(encode(Image.fromarray(line.T.copy()))).image.max() == 1
    dot = np.zeros((3, 3), dtype=np.uint8)
    dot[1, 1] = 255
    assert decode_image(encode(Image.fromarray(dot))).image.max() == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it grumbles about the tags it skips
@pytest.mark.parametrize("kind", FILES)
def test_damage_never_raises_anything_but_a_refusal(kind: str):
    rng, whole = random.Random(kind), FILES[kind]
    for _ in range(30):
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.choice((0, 1, 1, 3, 20))):
            if data:
                # half of the damage goes to the header, where it does most
                data[rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 120))] = rng.randrange(256)
        try:
            decoded = decode_image(bytes(data))
        except ImageRefused:
            continue
        assert decoded.image.isfinite().all()
        assert decoded.image.min() >= 0
        assert decoded.image.max() <= 1
