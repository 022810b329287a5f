"""The tables of a sweep: exact lines, the same bytes each time, and read as they were written."""

import pytest

from core.training.tables import EpochLine, ErrorLine, read_epochs, read_errors, write

TOY = {
    "experiment": {
        "network": "toy", "data": "1-8", "seed": 0, "setting": {"mode": "isr", "isr": 1.5}, "images_per_scale": 100,
    },
    "test_error": 4.02, "test_images": 10000, "errors_by_scale": [[0.7071, 20.0], [1.0, 3.5]],
    "history": [
        {"epoch": 1, "loss": 1.48184, "validation_error": 13.7, "internal_scales": [1.0, 1.22474, 1.5]},
        {"epoch": 2, "loss": 0.5, "validation_error": 7.25, "internal_scales": [0.98765, 1.2, 1.6]},
    ],
}  # fmt: skip
CNN = {
    "experiment": {
        "network": "cnn", "data": "mnist-scale", "seed": 3, "images_per_scale": 0,
        "setting": {"channels": [3, 4, 5], "pooling": "max"},
    },
    "test_error": 100.0, "test_images": 50, "errors_by_scale": [],
    "history": [{"epoch": 1, "loss": 2.5, "validation_error": 90.0}],
}  # fmt: skip

ERRORS = """\
network,data,seed,setting,data_scale,images,error
toy,1-8,0,isr=1.5 mode=isr,range,10000,4.02
toy,1-8,0,isr=1.5 mode=isr,0.7071,100,20.0
toy,1-8,0,isr=1.5 mode=isr,1.0,100,3.5
cnn,mnist-scale,3,"channels=[3, 4, 5] pooling=max",range,50,100.0
"""
EPOCHS = """\
network,data,seed,setting,epoch,loss,validation_error,internal_scales
toy,1-8,0,isr=1.5 mode=isr,1,1.48184,13.7,1 1.22474 1.5
toy,1-8,0,isr=1.5 mode=isr,2,0.5,7.25,0.98765 1.2 1.6
cnn,mnist-scale,3,"channels=[3, 4, 5] pooling=max",1,2.5,90.0,
"""


@pytest.fixture
def tables(tmp_path):
    write([TOY, CNN], tmp_path / "new" / "isr")
    return tmp_path / "new"


def test_a_number_is_a_line(tables):
    assert {path.name: path.read_bytes().decode() for path in tables.iterdir()} == {
        "isr.csv": ERRORS,
        "isr-epochs.csv": EPOCHS,
    }


def test_the_same_results_give_the_same_bytes(tables):
    before = {path: path.read_bytes() for path in tables.iterdir()}
    write([TOY, CNN], tables / "isr")
    assert {path: path.read_bytes() for path in tables.iterdir()} == before


def test_lines_are_read_as_they_were_measured(tables):
    toy, cnn = {"isr": "1.5", "mode": "isr"}, {"channels": "[3, 4, 5]", "pooling": "max"}
    assert read_errors(tables / "isr.csv") == [
        ErrorLine("toy", "1-8", 0, toy, None, 10000, 4.02),
        ErrorLine("toy", "1-8", 0, toy, 0.7071, 100, 20.0),
        ErrorLine("toy", "1-8", 0, toy, 1.0, 100, 3.5),
        ErrorLine("cnn", "mnist-scale", 3, cnn, None, 50, 100.0),
    ]
    assert read_epochs(tables / "isr-epochs.csv") == [
        EpochLine("toy", "1-8", 0, toy, 1, 1.48184, 13.7, (1.0, 1.22474, 1.5)),
        EpochLine("toy", "1-8", 0, toy, 2, 0.5, 7.25, (0.98765, 1.2, 1.6)),
        EpochLine("cnn", "mnist-scale", 3, cnn, 1, 2.5, 90.0, ()),
    ]


def test_the_usual_configuration_has_an_empty_setting(tmp_path):
    write([TOY | {"experiment": TOY["experiment"] | {"setting": {}}}], tmp_path / "usual")
    assert {tuple(line.setting) for line in read_errors(tmp_path / "usual.csv")} == {()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("4.02", "four", r"line 2: could not convert string to float: 'four', got 'toy,1-8,0,isr=1\.5 mode=isr,range"),
        ("10000,4.02", "10000", "line 2: expected 7 cells"),
        ("0.7071", "all", "line 3: could not convert string to float: 'all'"),
        ("20.0", "120.0", "line 3: an error must lie between 0 and 100 %"),
        ("20.0", "nan", "line 3: an error must lie between 0 and 100 %"),
        ("isr=1.5 mode=isr,range", "fast,range", "line 2: a setting must read name=value"),
        ("50,100.0\n", "50,10", "its last line is cut short"),
        ("50,100.0", '50,"100.0', "is damaged: unexpected end of data"),
        ("images,", "", "must have the columns network, data, .*, got network, data, seed, setting, data_scale, err"),
        (ERRORS, "", "must have the columns .*, got none"),
        (ERRORS, "\0", "must have the columns"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_refused_in_one_sentence(old, new, expected, tables):
    path = tables / "isr.csv"
    assert old in ERRORS
    path.write_text(ERRORS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=expected) as error:
        read_errors(path)
    assert str(error.value).startswith("isr.csv ")
    assert "\n" not in str(error.value)


def test_what_is_no_text_or_the_other_table_is_refused(tables):
    (tables / "isr.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"isr\.csv is damaged"):
        read_errors(tables / "isr.csv")
    with pytest.raises(ValueError, match=r"isr-epochs\.csv must have the columns"):
        read_errors(tables / "isr-epochs.csv")
    with pytest.raises(FileNotFoundError):
        read_epochs(tables / "none.csv")
