"""Sizes of one's own on the scale bench, from files and pictures: they become the data, and no file breaks the page."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.tolerance import DataScales, fit
from tests.pages.scales_bench import SIZES, axis, csv, kl, move, press, run, said, upload, warnings


def picture(size: int) -> bytes:
    image = Image.new("L", (100, 100))
    ImageDraw.Draw(image).rectangle((10, 20, 9 + size, 30), fill=255)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def test_measured_sizes_become_the_data(open_scales_page):
    app = upload(open_scales_page(tol_data="measured", open_fit="1"), "sizes.csv", csv(SIZES))
    assert not app.warning
    unit = app.session_state["tol_unit"]
    assert np.mean(unit > SIZES) == pytest.approx(0.05, abs=0.02)
    data = DataScales.measured(SIZES / unit)
    assert axis(app)["data"]["density"] == pytest.approx(data.density(np.geomspace(0.5, 17, 1001)).tolist(), rel=1e-4)
    tau = app.session_state["tol_tau"]
    assert kl(press(app, "fit")) == pytest.approx(fit(data, 3, tau).kl(data), abs=1e-4)
    assert "400 sizes" in said(app)


def test_another_unit_moves_measured_sizes_along_the_axis(open_scales_page):
    app = upload(open_scales_page(tol_data="measured"), "sizes.csv", csv(SIZES))
    twice = move(app, unit=2 * app.session_state["tol_unit"])
    data = DataScales.measured(SIZES / app.session_state["tol_unit"])
    assert axis(twice)["data"]["density"] == pytest.approx(data.density(np.geomspace(0.5, 17, 1001)).tolist(), rel=1e-4)


def test_pictures_are_measured(open_scales_page):
    app = open_scales_page(tol_data="measured")
    sizes = (20, 30, 40, 60)
    uploader = app.file_uploader(key="tol_file")
    for size in sizes:
        uploader.upload(f"{size}.png", picture(size), "image/png")
    run(app)
    assert not app.warning
    assert "4 pictures measured" in said(app)
    assert "From 20 to 60 pixels" in said(app)


def test_a_folder_is_measured_and_its_junk_ignored(open_scales_page):
    app = open_scales_page(tol_data="measured", tol_from="folder")
    uploader = app.file_uploader(key="tol_folder")
    for size in (25, 50):
        uploader.upload(f"digits/{size}.png", picture(size), "image/png")
    uploader.upload("digits/Thumbs.db", b"junk", "application/octet-stream")
    run(app)
    assert not app.warning
    assert "2 pictures measured." in said(app)
    assert "From 25 to 50 pixels" in said(app)


WRONG = {
    "an empty file": ("sizes.csv", b""),
    "words": ("sizes.csv", b"size\n1\nfour\n"),
    "a negative size": ("sizes.txt", b"1\n-2\n3\n"),
    "no text": ("sizes.csv", bytes(range(256))),
    "one size": ("sizes.csv", b"3\n"),
    "no picture": ("digit.png", b"this is no picture"),
    "a broken archive": ("pictures.zip", b"PK\x03\x04broken"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_one_sentence_and_the_data_before_stay(open_scales_page, kind):
    app = move(open_scales_page(tol_data="log-normal", tol_median="3"), data="measured")
    before = axis(app)
    assert before["data"] == {"kind": "log-normal", "median": 3.0, "std": 0.8}
    upload(app, *WRONG[kind])
    (warning,) = warnings(app)
    assert warning.endswith("The chart goes on with the data before.")
    assert "\n" not in warning
    assert axis(app) == before


def test_a_wrong_file_leaves_the_sizes_before_it(open_scales_page):
    app = upload(open_scales_page(tol_data="measured"), "sizes.csv", csv(SIZES))
    before = axis(app)
    upload(app, "other.csv", b"none")
    assert len(app.warning) == 1
    assert axis(app) == before


def test_the_name_of_a_file_is_no_markdown(open_scales_page):
    app = upload(open_scales_page(tol_data="measured"), "![x](http://elsewhere).csv", csv(SIZES))
    assert "![x]" not in said(app)
    assert r"!\[x\](http://elsewhere).csv" in said(app)


def test_measured_sizes_are_not_in_the_link_and_the_page_says_so(open_scales_page):
    app = upload(open_scales_page(tol_data="measured"), "sizes.csv", csv(SIZES))
    link = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    assert len(link["tol_sizes"]) == 12
    other = open_scales_page(**link)
    (warning,) = warnings(other)
    assert "until you upload the same file" in warning
    assert other.query_params["tol_sizes"] in (link["tol_sizes"], [link["tol_sizes"]])
    upload(other, "again.csv", csv(SIZES))
    assert not other.warning
    assert axis(other)["data"] == axis(app)["data"]


def test_measured_sizes_are_kept_over_a_visit_to_another_page(open_scales_page):
    app = upload(open_scales_page(tol_data="measured"), "sizes.csv", csv(SIZES))
    before = axis(app)["data"]
    run(app.switch_page("pages/about.py"))
    run(app.switch_page("pages/scales.py"))
    assert axis(app)["data"] == before
    move(app, data="1 to 8")
    assert axis(move(app, data="measured"))["data"] == before


IMAGEJ = b" ,Area,Feret,MinFeret\n1,78.54,12.25,9\n2,314.2,22.25,19\n3,95,60,11\n"


def choose(app, index: int | None):
    app.selectbox(key="tol_column").set_value(index)
    return run(app)


def test_where_several_columns_are_possible_the_page_asks_and_takes_none(open_scales_page):
    app = move(open_scales_page(tol_data="log-normal", tol_median="3"), data="measured")
    before = axis(app)
    upload(app, "Results.csv", IMAGEJ)
    assert app.selectbox(key="tol_column").options == [
        "column Feret: 3 values, 12.25 to 60 (12.25, 22.25, 60)",
        "column MinFeret: 3 values, 9 to 19 (9, 19, 11)",
        "the diameter of the disc as large as column Area: 3 values, 10 to 20.0013 (10, 20.0013, 10.9981)",
    ]
    assert app.selectbox(key="tol_column").value is None
    assert "none is taken" in said(app)
    assert axis(app) == before
    choose(app, 1)
    assert "3 sizes from column MinFeret of Results.csv; " in said(app)
    assert "From 9 to 19 pixels" in said(app)
    assert axis(app) != before
    choose(app, 0)
    assert "From 12.25 to 60 pixels" in said(app)


def test_the_choice_stays_over_a_visit_to_another_page_and_goes_with_the_file(open_scales_page):
    app = choose(upload(open_scales_page(tol_data="measured"), "Results.csv", IMAGEJ), 1)
    before = axis(app)["data"]
    run(app.switch_page("pages/about.py"))
    run(app.switch_page("pages/scales.py"))
    assert app.selectbox(key="tol_column").value == 1
    assert axis(app)["data"] == before
    upload(app, "sizes.csv", csv(SIZES))
    assert not [each for each in app.selectbox if each.key == "tol_column"]
    assert "400 sizes from column size" in said(app)


def test_a_link_says_which_column_was_meant(open_scales_page):
    app = choose(upload(open_scales_page(tol_data="measured"), "Results.csv", IMAGEJ), 1)
    link = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    other = upload(open_scales_page(**link), "again.csv", IMAGEJ)
    assert other.selectbox(key="tol_column").value == 1
    assert axis(other)["data"] == axis(app)["data"]


def test_fractions_of_the_image_wait_for_its_size(open_scales_page):
    app = open_scales_page(tol_data="measured")
    uploader = app.file_uploader(key="tol_file")
    uploader.upload("a.txt", b"0 0.5 0.5 0.25 0.125\n2 0.1 0.1 0.5 0.2\n", "text/plain")
    uploader.upload("b.txt", b"1 0.5 0.5 0.125 0.75\n", "text/plain")
    run(app)
    (warning,) = warnings(app)
    assert "give the width and height of the images" in warning
    app.number_input(key="tol_image_width").set_value(640)
    app.number_input(key="tol_image_height").set_value(480)
    run(app)
    assert not app.warning
    assert "3 sizes from the larger side of the YOLO boxes of 2 files of labels" in said(app)
    assert "From 160 to 360 pixels" in said(app)
