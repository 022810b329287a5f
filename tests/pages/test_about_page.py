"""The page of definitions: every network is listed, every card is shown or its absence said in a sentence."""

import re
from dataclasses import asdict
from statistics import mode
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from core import checkpoints
from core.checkpoints import Card, CheckpointError
from core.equivariance.canvas import CANVASES
from core.models import MODELS, build
from core.models.measurable import background_margin, knows_background
from core.models.over_scales import MOST_MARGIN
from core.resampling import RESAMPLERS
from core.training.stl10 import STEPS
from pages.results.photographs import pipeline_pictures
from tests.data.stl10.made import believe, photographs, write_files
from tests.waiting import PATIENCE

CARD = Card(
    key="cnn", size="small", config={}, recipe={}, seed=7, epochs=30, device="cpu", wall_time_s=754.0,
    data={"name": "MNIST-Scale", "realisation": 0, "training_images": 10_000, "split": "test"},
    test_error=2.719, test_images=50_000, parameters=127_498, sha256="0123456789abcdef" * 4, git_commit="",
    command="python -m core.training cnn --size small", versions={}, glyph_error=2.5,
)  # fmt: skip


@pytest.fixture
def open_page(root, monkeypatch):
    """open_page({"cnn": card or error}) opens the page with these checkpoints and no others."""

    def open_page(known: dict) -> AppTest:
        def read_card(key, size="small", folder=None):
            found = known.get(key, CheckpointError(f"There is no checkpoint of {key} at size {size}."))
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(checkpoints, "read_card", read_card)

        def available(key, size="small", folder=checkpoints.FOLDER):
            return key in known and size == "small" and folder == checkpoints.FOLDER

        monkeypatch.setattr(checkpoints, "available", available)
        app = AppTest.from_file(str(root / "app.py"), default_timeout=PATIENCE)
        app.switch_page("pages/about.py").run()
        assert not app.exception
        return app

    return open_page


def cells(app: AppTest) -> str:
    return "\n".join(table.value.to_string() for table in (*app.table, *app.dataframe))


def test_every_network_is_listed_with_its_source(open_page):
    listed = open_page({}).table[0].value
    assert list(listed["Network"]) == [spec.title for spec in MODELS.values()]
    words = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", source) for source in listed["Source"]]
    assert words == [spec.source for spec in MODELS.values()]


def test_a_source_on_arxiv_is_a_link(open_page):
    sources = dict(zip(MODELS, open_page({}).table[0].value["Source"], strict=True))
    assert "[arXiv:1910.11093](https://arxiv.org/abs/1910.11093)" in sources["sesn_vector"]
    assert sources["sesn_deformable"].count("https://arxiv.org/abs/") == 2
    assert sources["identity"] == MODELS["identity"].source


def test_a_card_is_shown_with_its_numbers(open_page):
    app = open_page({"cnn": CARD})
    rows = app.dataframe[0].value.iloc[0]
    assert rows["Test error"] == "2.72 % of 50,000 images"
    assert rows["Vector digits read"] == "97.5 %"
    assert rows["Parameters"] == "127,498"
    assert rows["Training"] == "30 epochs, 13 minutes on cpu"
    assert rows["Seed"] == "7"
    assert CARD.command in rows["Command"]
    assert "0123456789ab…" in rows["SHA-256 of the weights"]


@pytest.mark.parametrize(
    "broken",
    [
        CheckpointError("The card cnn-small.json cannot be read: it is damaged."),
        SimpleNamespace(**asdict(CARD) | {"test_error": "low"}),
        SimpleNamespace(**asdict(CARD) | {"data": None}),
    ],
    ids=["damaged", "a word for a number", "no data"],
)
def test_a_card_that_cannot_be_shown_is_one_sentence(open_page, broken):
    app = open_page({"cnn": broken, "sesn_vector": CARD, "sesn_scalar": CARD})
    (warning,) = [each.value for each in app.warning]
    assert "cnn" in warning
    assert "SESN, vector" in cells(app)


def test_networks_without_a_checkpoint_are_named_in_one_sentence(open_page):
    app = open_page({"cnn": CARD})
    (sentence,) = [each.value for each in app.info]
    named = sentence.removesuffix(".").partition(": ")[2].split("; ")
    assert named == [spec.title for key, spec in MODELS.items() if key != "cnn" and not spec.control]
    assert not app.warning


def test_published_numbers_stand_apart_with_their_source(open_page):
    app = open_page({"cnn": CARD})
    published = app.table[-2].value
    assert set(published["Source"].str.split(",").str[0]) == {"Basting"}
    headers = [each.value for each in app.header]
    assert headers.index("Checkpoints") < headers.index("Published numbers")


def test_every_number_is_defined(root):
    text = (root / "assets" / "text" / "about.md").read_text(encoding="utf-8")
    resamplers = [f"`{name}`" for name in (*RESAMPLERS, "exact")]
    decisions = ["0002-zero-background.md", "0003-mnist-scale.md", "0012-wide-canvas.md"]
    equations = ["(3)", "(6)", "(7)"]
    measure = [
        "Canvas",
        "Mask",
        "Cost of resampling",
        "It is no bound",
        "Read by the classifier",
        "Silent",
        "projection",
    ]
    for word in (*resamplers, *decisions, *equations, *measure, "T_s", "Kullback", "## Limits"):
        assert word in text


def test_the_wide_canvas_has_the_sides_that_are_told(root):
    networks = [build(key) for key in MODELS]
    sides = [each.trained_canvas + 2 * background_margin(each) for each in networks if knows_background(each)]
    assert mode(sides) == min(sides) == 80
    assert max(sides) == 28 + 2 * MOST_MARGIN == 160
    text = (root / "assets" / "text" / "about.md").read_text(encoding="utf-8")
    assert "80 pixels a side, up to 160" in text
    assert "image" in CANVASES
    assert '`canvas="image"`' in text


@pytest.mark.parametrize("page", ["start", "maps", "errors", "scales", "_results", "about"])
def test_every_page_has_its_text(root, page):
    text = (root / "assets" / "text" / f"{page}.md").read_text(encoding="utf-8")
    assert len(text) > 80


@pytest.mark.parametrize("name", ["0002-zero-background.md", "0003-mnist-scale.md", "0012-wide-canvas.md"])
def test_the_decisions_that_the_page_names_exist(root, name):
    assert (root / "docs" / "decisions" / name).is_file()


def test_every_step_of_the_pipeline_of_stl10_is_a_picture_that_says_what_was_done(open_page, monkeypatch):
    monkeypatch.setenv("EQUISCOPE_STL10", "/nowhere")
    app = open_page({"cnn": CARD})
    drawn = [each.proto.body for each in app.get("html") if "Photographs in a row" in each.proto.body]
    said = [re.search(r'alt="Photographs in a row\. ([^"]+)"', each)[1] for each in drawn]
    assert len(said) == 1 + len(STEPS)
    assert said[0].startswith("As it comes: 96×96 pixels")
    assert [caption.split(":")[0].lower() for caption in said[1:]] == [step.name for step in STEPS]
    assert any("STL-10 is not on this machine" in each.value for each in app.caption)


def test_photographs_of_stl10_are_shown_where_they_are_and_damaged_ones_complained_of(monkeypatch, tmp_path):
    folder = write_files(tmp_path / "stl10")
    believe(monkeypatch, folder)
    monkeypatch.setenv("EQUISCOPE_STL10", str(folder))
    compute = pipeline_pictures.__wrapped__
    found = compute()
    assert found.source == "The first 4 training photographs of STL-10 on this machine."
    first = found.rows[0].picture[:, :96, :3]
    assert (first == photographs("train")[0]).all()
    (folder / "train_y.bin").write_bytes(b"\1")
    assert "train_y.bin is damaged: expected 6 bytes, got 1" in compute().source
