"""Tables in the published layout: what stands where, from made runs, and the grids that they are of."""

import pytest

from core.models import MODELS, build
from core.results import layouts
from core.results.layouts import LAYOUTS, published_table, table
from core.results.study import RunLine, write_runs
from core.training import grid
from core.training.sweep import main as sweep


def run(part: str, network: str, seed: int, error: float) -> RunLine:
    """A finished run as no machine made it."""
    return RunLine(
        part, network, "mnist-scale", seed, "paper", {}, {}, (None, None, None), 0, 60, 3.0, 50_000, error, (), (), 1,
        1.0, 1.0, 1, "cpu", "2.13.0", "0" * 40,
    )  # fmt: skip


def rows(lines) -> list[list[str]]:
    return [[cell.strip() for cell in each.strip("|").split("|")] for each in lines]


def test_a_cell_is_mean_deviation_and_number_of_the_runs_of_its_row_and_column():
    runs = [run("without +", "disco", seed, error) for seed, error in enumerate((1.5, 1.7, 1.6))]
    runs += [run("with +, DISCO", "disco", 0, 1.4), run("with +", "cnn", 0, 1.6), run("one size", "cnn", 0, 9.0)]
    head, _, *found = rows(table(LAYOUTS["table5"], runs))
    assert head == ["test error, %", "without +", "with +"]
    cells = {row[0]: row[1:] for row in found}
    assert cells["`disco`"] == ["1.60 ± 0.10 (3)", "1.40 (1)"]
    assert cells["`cnn`"] == ["–", "1.60 (1)"]
    assert cells["`dss`"] == ["–", "–"]


def test_the_eight_stand_by_kind_and_canvas():
    runs = [run("scalar 28+", "sesn_scalar", 0, 1.9), run("vector 56", "sesn_vector", 0, 1.7)]
    assert rows(table(LAYOUTS["sesn-eight"], runs)) == [
        ["test error, %", "28", "28+", "56", "56+"], ["---"] * 5,
        ["`scalar`", "–", "1.90 (1)", "–", "–"], ["`vector`", "–", "–", "1.70 (1)", "–"],
    ]  # fmt: skip
    assert not list(published_table(LAYOUTS["sesn-eight"]))  # not known for certain


def test_published_numbers_stand_in_a_table_of_their_own():
    ours, theirs = list(table(LAYOUTS["table5"], [])), "\n".join(published_table(LAYOUTS["table5"]))
    assert not any(character.isdigit() for row in ours[2:] for character in row)
    assert "Table 5" in theirs
    assert "| `sesn_vector` | 1.68 | 1.42 |" in theirs


def test_the_command_reads_the_table_of_a_sweep_and_says_what_is_wrong(tmp_path, capsys):
    path = tmp_path / "table5.csv"
    write_runs([run("without +", "cnn", 0, 2.1)], path)
    assert layouts.main(["table5", "--table", str(path)]) == 0
    assert "| `cnn` | 2.10 (1) | – |" in capsys.readouterr().out
    path.write_text("nonsense\n", encoding="utf-8")
    assert layouts.main(["table5", "--table", str(path)]) == 2
    assert "table5.csv" in capsys.readouterr().err


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_line_of_its_grid_has_a_place(root, name):
    plan = grid.smoke(grid.read(root / "assets" / "sweeps" / f"{name}.json"))
    layout, found = LAYOUTS[name], set()
    for experiment in plan.experiments():
        assert (experiment.size, experiment.full_recipe().epochs, experiment.images[0]) == ("paper", 1, 200)
        plus = (0.5, 2.0) if "+" in plan.part_of(experiment).removeprefix("without +") else (1.0, 1.0)
        assert experiment.full_recipe().scales == plus
        found.add(layout.place(run(plan.part_of(experiment), experiment.network, 0, 2.0)))
    assert found == {(row, column) for row in layout.rows for column in layout.columns}


@pytest.mark.parametrize(
    ("part", "sides"),
    [
        ("vector 28", (5, 7, 13)), ("vector 28+", (5, 9, 15)), ("vector 56", (7, 9, 11, 15)),
        ("vector 56+", (7, 9, 11, 13)), ("scalar 28", (5, 7, 11, 15)), ("scalar 28+", (5, 7, 9, 13)),
        ("scalar 56", (7, 11, 15)), ("scalar 56+", (5, 9, 17)),
    ],
)  # fmt: skip
def test_the_eight_have_the_published_supports(root, part, sides):
    """Of the released code (ISosnovik/sesn, models/mnist_ses.py)."""
    grid_of_part = grid.read(root / "assets" / "sweeps" / "sesn-eight.json").parts[part]
    (network,), (setting,) = grid_of_part.networks, grid_of_part.settings
    built = build(network, "paper", **{**setting, "internal_scales": tuple(setting["internal_scales"])})
    assert tuple(kernel.shape[-1] for kernel in built.kernels(slice(0, 1))["conv1"]) == sides
    assert built.trained_canvas * built.config.enlarge == int(part.split()[1].removesuffix("+"))


def test_a_smoke_run_leaves_no_table(root, capsys):
    path = str(root / "assets" / "sweeps" / "table5.json")
    with pytest.raises(SystemExit):
        sweep([path, "--smoke", "--table"])
    assert "not allowed with" in capsys.readouterr().err


def test_the_rows_are_registered():
    assert set(LAYOUTS["table5"].rows) <= set(MODELS)
