"""What was found, in words: an interval is told where there is one, and a difference only where it leaves 0 out."""

from dataclasses import replace

from core.results.findings import ALL_SIZES, BASELINE, ONE_SIZE, Gain, Payoff, Relation, gain_over_baseline, readings
from core.results.statistics import over_realisations
from core.sentences import explain_payoff, explain_readings, explain_sizes
from tests.figures.test_finding_figures import STANDING, TIME, mean
from tests.results.test_findings import RUNS, run

PLAIN = "Plain CNN, 47,000 weights"


def test_readings_say_who_is_first_and_who_has_no_interval():
    told = explain_readings(readings([*RUNS, run("cnn", 0, 9.0)], ONE_SIZE))
    assert "**DISCO** misreads fewest, 2.10 (0.83 to 3.37; n = 2 realisations)" in told
    assert "Plain CNN most, 9.00 (n = 1 realisation)" in told
    assert "The intervals of 2 of the other 3 networks overlap" in told
    assert "1 of 4 networks have one realisation so far" in told
    assert "All networks have one realisation" in explain_readings(readings([RUNS[0]], ONE_SIZE))


def test_unseen_sizes_are_answered_only_with_an_interval():
    both = explain_sizes(gain_over_baseline(RUNS, ONE_SIZE), ONE_SIZE)
    assert both.startswith(
        "Trained on size 0.6 × only, 2 scale-equivariant networks misread **0.50 points fewer** of the digits"
    )
    assert "so no difference was found" in both
    assert "(−" in both
    alone = explain_sizes(gain_over_baseline(RUNS[:1] + RUNS[4:5], ONE_SIZE), ONE_SIZE)
    assert alone.endswith(f"than {PLAIN}, on average: n = 1 realisation, so without an interval, and no answer yet.")
    assert "no realisation has both" in explain_sizes(None, ALL_SIZES)


def test_where_it_is_better_and_where_worse():
    better, worse, unknown = (over_realisations([value, value + 0.1]) for value in (5.0, -5.0, -0.08))
    told = explain_sizes(Gain(("disco",), better, {0.3: better, 1.2: worse, 1.0: unknown}), ONE_SIZE)
    assert "DISCO misread **5.05 points fewer**" in told
    assert "better at 0.30 ×; worse at 1.20 ×; no difference found at 1.00 ×" in told


def test_a_relation_is_told_only_where_its_interval_leaves_zero_out():
    keys = (BASELINE, "cnn", "disco", "sicnn", "sevf", "dss", "ss_cnn")
    found = readings([run(key, 0, 2.0 + k) for k, key in enumerate(keys)], ONE_SIZE)
    swapped = (1, 0, 2, 4, 3, 6, 5)
    rising = [Payoff(each, mean("conv3", 0.1 + 0.1 * k), TIME) for each, k in zip(found, swapped, strict=True)]
    assert explain_payoff(rising, "equivariance").startswith("Test error **rises** with equivariance error (rank corr")
    muddled = [Payoff(each, mean("conv3", k / 10), TIME) for each, k in zip(found, (3, 6, 1, 7, 5, 2, 4), strict=True)]
    assert explain_payoff(muddled, "equivariance").startswith("**No relation found**")
    assert "too few" in explain_payoff([Payoff(found[0], STANDING.classifier, TIME)], "parameters")
    slower = [replace(each, time=replace(TIME, ms=4.0 + 0.1 * k)) for k, each in enumerate(rising)]
    assert explain_payoff(slower, "milliseconds").startswith("Test error **rises** with the time of a forward pass")


def test_no_zero_has_a_sign(monkeypatch):
    found = readings([run(key, 0, 2.0) for key in ("cnn", "cnn_small", "disco", "dss", "sevf")], ONE_SIZE)
    paid = [Payoff(each, mean("conv3", k / 10), TIME) for k, each in enumerate(found)]
    nothing = Relation(-0.004, -0.5, 0.004, 5)
    monkeypatch.setattr("core.sentences.findings.rank_correlation", lambda *_: nothing)
    assert "ρ = 0.00, −0.50 to 0.00;" in explain_payoff(paid, "equivariance")
