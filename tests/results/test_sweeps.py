"""The tables of a sweep: exact lines, the same bytes each time, and read as they were written."""

import math

import pytest

from core.results.sweeps import EpochLine, ErrorLine, read_both, read_errors, write

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
toy,1-8,0,"{""isr"": 1.5, ""mode"": ""isr""}",,10000,4.02
toy,1-8,0,"{""isr"": 1.5, ""mode"": ""isr""}",0.7071,100,20.0
toy,1-8,0,"{""isr"": 1.5, ""mode"": ""isr""}",1.0,100,3.5
cnn,mnist-scale,3,"{""channels"": [3, 4, 5], ""pooling"": ""max""}",,50,100.0
"""
EPOCHS = """\
network,data,seed,setting,epoch,loss,validation_error,internal_scales
toy,1-8,0,"{""isr"": 1.5, ""mode"": ""isr""}",1,1.48184,13.7,"[1.0, 1.22474, 1.5]"
toy,1-8,0,"{""isr"": 1.5, ""mode"": ""isr""}",2,0.5,7.25,"[0.98765, 1.2, 1.6]"
cnn,mnist-scale,3,"{""channels"": [3, 4, 5], ""pooling"": ""max""}",1,2.5,90.0,[]
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
    toy, cnn = {"isr": 1.5, "mode": "isr"}, {"channels": [3, 4, 5], "pooling": "max"}
    errors, epochs = read_both(tables / "isr.csv", tables / "isr-epochs.csv")
    assert read_errors(tables / "isr.csv") == errors
    assert errors == [
        ErrorLine("toy", "1-8", 0, toy, None, 10000, 4.02),
        ErrorLine("toy", "1-8", 0, toy, 0.7071, 100, 20.0),
        ErrorLine("toy", "1-8", 0, toy, 1.0, 100, 3.5),
        ErrorLine("cnn", "mnist-scale", 3, cnn, None, 50, 100.0),
    ]
    assert epochs == [
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
        ("4.02", "four", r"line 2: error must be a number, got 'toy,1-8,0,\{.*\},,10000,four'"),
        ("10000,4.02", "10000", "line 2: expected 7 cells"),
        ("0.7071", "all", "line 3: data_scale must be a number"),
        ("0.7071", "-1", "line 3: a data scale must be positive"),
        (",100,20.0", ",0,20.0", "line 3: an error must be of one image or more"),
        (",100,20.0", ",1e2,20.0", "line 3: images must be a whole number"),
        ("20.0", "120.0", "line 3: an error must lie between 0 and 100 %"),
        ("20.0", "nan", "line 3: error must be a number"),
        ("20.0", "", "line 3: an error must lie between 0 and 100 %"),
        ('"{""isr"": 1.5, ""mode"": ""isr""}"', "isr=1.5", r"line 2: setting must be JSON \(Expecting value"),
        ('"{""isr"": 1.5, ""mode"": ""isr""}"', "[1.5]", r"line 2: setting must be an object, got \[1.5\]"),
        ('"{""isr"": 1.5, ""mode"": ""isr""}"', 100_000 * "[", "line 2: it is nested too deeply"),
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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"[1.0, 1.22474, 1.5]"', '"[1.0, null]"', r"line 2: internal_scales\[1\] must be a finite number, got None"),
        ('"[1.0, 1.22474, 1.5]"', "1.0 1.5", "line 2: internal_scales must be JSON"),
        (",1,1.48184", ",0,1.48184", "line 2: epochs count from 1"),
        ("90.0", "-1", "line 4: an error must lie between 0 and 100 %"),
    ],
)  # fmt: skip
def test_a_damaged_table_of_epochs_is_refused(old, new, expected, tables):
    path = tables / "isr-epochs.csv"
    assert old in EPOCHS
    path.write_text(EPOCHS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=expected) as error:
        read_both(tables / "isr.csv", path)
    assert str(error.value).startswith("isr-epochs.csv is damaged in ")


def test_what_is_no_text_or_the_other_table_is_refused(tables):
    with pytest.raises(ValueError, match=r"isr-epochs\.csv must have the columns"):
        read_errors(tables / "isr-epochs.csv")
    (tables / "isr.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"isr\.csv is damaged"):
        read_errors(tables / "isr.csv")
    with pytest.raises(FileNotFoundError):
        read_errors(tables / "none.csv")
    with pytest.raises(FileNotFoundError):
        read_both(tables / "isr.csv", tables / "none.csv")


def test_a_table_of_training_that_diverged_can_be_read(tmp_path):
    epoch = {"epoch": 1, "loss": math.nan, "validation_error": 90.0}
    write([CNN | {"history": [epoch, epoch | {"epoch": 2, "loss": math.inf}]}], tmp_path / "diverged")
    _, epochs = read_both(tmp_path / "diverged.csv", tmp_path / "diverged-epochs.csv")
    assert math.isnan(epochs[0].loss)
    assert epochs[1].loss == math.inf
