"""A live run: pause holds it still, cancel and a closed input end it, and its scales are those of a plain fit."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from core.data.dynamic_scale_mnist import CANVAS, RANGES
from core.data.glyphs import centre_of_mass
from core.layers.learnable_scales import MODES
from core.training import live as module
from core.training.live import LiveRun
from core.training.live_pool import LivePool
from core.training.live_setting import LiveSetting
from tests.waiting import PATIENCE, alive, until

TINY = LiveSetting(canvas=24, images=(48, 16), epochs=3, source="vector", data="1-4.76")
LONG = replace(TINY, epochs=100_000)


@pytest.fixture
def start():
    """start(setting) starts a run, which does not outlive the test."""
    runs = []

    def start(setting: LiveSetting) -> LiveRun:
        runs.append(LiveRun(setting))
        runs[-1].start()
        return runs[-1]

    yield start
    for run in runs:
        run.cancel()
        assert run.wait(PATIENCE)


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("mode", MODES)
def test_a_live_run_moves_the_scales_exactly_as_a_plain_fit_does(mode, start, tmp_path, one_thread):
    setting = replace(TINY, mode=mode, isr=3.0, seed=2)
    run = start(setting)
    fit = setting.fit(tmp_path)
    first = fit.network.internal_scales
    assert fit.run(*setting.digits())
    assert run.wait(PATIENCE)
    report = run.report
    assert (report.phase, report.epoch, report.problem) == ("finished", 3, "")
    assert report.epochs[0].internal_scales == pytest.approx(first, abs=1e-5)  # rounded to five decimals
    told = [(e.epoch, list(e.internal_scales), e.loss, e.validation_error) for e in report.epochs[1:]]
    expected = [(r["epoch"], r["internal_scales"], r["loss"], r["validation_error"]) for r in fit.history]
    assert told == expected
    assert len({epoch.internal_scales for epoch in report.epochs}) == 4  # they move in every epoch


def test_pause_holds_it_still_and_resume_goes_on(start):
    run = start(LONG)
    until(lambda: run.report.epoch >= 1)
    run.pause()
    assert run.wants_pause
    held = until(lambda: run.report if run.report.phase == "paused" else None)
    time.sleep(1.0)  # some twenty epochs, else
    assert run.report is held
    run.resume()
    assert not run.wants_pause
    until(lambda: run.report.epoch >= held.epoch + 2)
    assert run.report.phase == "training"
    assert [epoch.epoch for epoch in run.report.epochs] == list(range(len(run.report.epochs)))


@pytest.mark.parametrize("moment", ["preparing", "training", "paused"])
def test_cancel_ends_the_process_at_any_moment(moment, start):
    run = start(LONG)
    if moment != "preparing":
        until(lambda: run.report.epoch >= 1)
    if moment == "paused":
        run.pause()
        until(lambda: run.report.phase == "paused")
    run.cancel()
    assert run.wait(PATIENCE)
    assert run.report.phase == "cancelled"
    assert not alive(run.pid)
    run.pause()  # said to nobody
    run.cancel()
    assert run.report.phase == "cancelled"


def test_a_process_that_does_not_obey_is_killed(start, monkeypatch):
    monkeypatch.setattr(module, "_GRACE", 0.5)
    run = start(LONG)
    until(lambda: run.report.epoch >= 1)
    os.kill(run.pid, signal.SIGSTOP)
    run.cancel()
    assert run.wait(PATIENCE)
    assert run.report.phase == "cancelled"
    assert not alive(run.pid)


def test_a_process_that_dies_leaves_one_sentence_and_what_it_had(start):
    run = start(LONG)
    until(lambda: run.report.epoch >= 2)
    os.kill(run.pid, signal.SIGKILL)
    assert run.wait(PATIENCE)
    assert (run.report.phase, run.report.problem) == ("failed", "its process ended unexpectedly, with signal 9")
    assert len(run.report.epochs) >= 3


def test_what_goes_wrong_in_the_process_becomes_one_sentence(start, tmp_path, monkeypatch):
    monkeypatch.setenv("EQUISCOPE_MNIST", str(tmp_path))
    run = start(replace(TINY, source="mnist"))
    assert run.wait(PATIENCE)
    assert run.report.phase == "failed"
    assert run.report.problem.startswith(f"EQUISCOPE_MNIST names {tmp_path}, which has no ")
    assert "\n" not in run.report.problem


def test_a_process_that_cannot_be_started_is_a_failed_run(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    run = LiveRun(TINY)
    run.start()
    assert run.wait(0)
    assert run.report.phase == "failed"
    assert run.report.problem.startswith("no process for it could be started (")


def test_time_is_up_for_a_run_that_is_paused_too(start):
    run = start(replace(LONG, max_minutes=0.12))
    run.pause()
    until(lambda: run.report.phase in ("paused", "expired"))
    assert run.wait(PATIENCE)
    assert run.report.phase == "expired"


def test_no_state_is_left_behind(start, tmp_path, monkeypatch):
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    finished, killed = start(replace(TINY, epochs=1)), start(LONG)
    until(lambda: killed.report.epoch >= 1)
    assert list(tmp_path.glob("*/state.safetensors"))
    os.kill(killed.pid, signal.SIGKILL)
    assert finished.wait(PATIENCE)
    assert killed.wait(PATIENCE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["early", "training"])
def test_the_process_ends_when_whoever_started_it_is_gone(moment, root, tmp_path):
    """The starter is a process of its own, which is killed and so can say nothing."""
    program = (
        "import sys, time; from core.training.live import LiveRun\n"
        "from core.training.live_setting import LiveSetting\n"
        "run = LiveRun(LiveSetting.from_json(sys.argv[1])); run.start(); print(run.pid, flush=True)\n"
        "while run.report.epoch < 1: time.sleep(0.02)\n"
        "print('training', flush=True); time.sleep(1000)"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", program, LONG.to_json()]
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as starter:
        pid = int(starter.stdout.readline())
        if moment == "training":
            assert starter.stdout.readline().strip() == "training"
        assert alive(pid)
        starter.kill()
    until(lambda: not alive(pid))
    # What torch itself may keep there, one folder for all its processes, is none of ours.
    assert list(tmp_path.glob("equiscope-live-*")) == []


def test_the_process_is_polite(start):
    run = start(LONG)
    until(lambda: run.report.epoch >= 1)
    assert os.getpriority(os.PRIO_PROCESS, run.pid) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    tasks = len(os.listdir(f"/proc/{run.pid}/task"))
    assert tasks == 2  # one trains, one listens


def test_a_setting_survives_json_and_what_is_none_is_refused():
    setting = replace(TINY, mode="direct", isr=6.0, seed=7)
    assert LiveSetting.from_json(setting.to_json()) == setting
    for text in ("[]", "{}", '{"images": [1, 2], "mood": "good"}', "no json"):
        with pytest.raises(ValueError, match=r"."):
            LiveSetting.from_json(text)
    for name, value, sentence in (
        ("mode", "fixed", "mode must be one of isr, spacings, direct, got 'fixed'"),
        ("data", "1-9", "data must be one of 1-2.83, 1-4.76, 1-8, got '1-9'"),
        ("source", "web", "source must be one of mnist, vector, got 'web'"),
        ("canvas", 30, "multiple of 4 pixels, got 30"),
        ("epochs", 0, "must be positive"),
        ("max_minutes", float("nan"), "must be positive"),
    ):
        with pytest.raises(ValueError, match=sentence):
            replace(TINY, **{name: value})


def test_broken_lines_are_passed_over():
    run = LiveRun(TINY)
    for line in (
        "{",
        "[]",
        "7",
        '{"phase": "dancing"}',
        '{"step": 1}',
        '{"epoch": 1}',
        '{"epoch": 1, "internal_scales": ["a"]}',
    ):
        run._take(line)
    assert run.report == module.Report()
    run._take(json.dumps({"epoch": 0, "internal_scales": [1.0, 2.0]}))
    assert [epoch.isr for epoch in run.report.epochs] == [2.0]


@pytest.mark.parametrize("data", RANGES)
def test_vector_digits_have_the_sizes_of_the_range_and_stay_on_the_canvas(data):
    low, high = RANGES[data]
    for digits, count in zip(LiveSetting(source="vector", data=data, images=(60, 30)).digits(), (60, 30), strict=True):
        assert digits.images.shape == (count, 1, 84, 84)
        assert low <= float(digits.scale_factors.min()) < 1.25 * low
        assert high / 1.25 < float(digits.scale_factors.max()) <= high
        assert len(set(digits.labels.tolist())) == 10
        ink = digits.images[:, 0] > 127
        sides = torch.maximum(ink.any(2).sum(1), ink.any(1).sum(1))  # pixels
        beyond = sides - 20 * digits.scale_factors * 84 / CANVAS
        whole = digits.scale_factors < 6
        assert float(beyond[whole].abs().max()) <= 1.5  # whole pixels, and slanted ends
        assert float(beyond.min()) > -5  # the largest may lose a little: their mass is centred, not their box


def test_vector_digits_follow_the_seed_and_validation_shows_others():
    training, validation = TINY.digits()
    again, _ = TINY.digits()
    other, _ = replace(TINY, seed=1).digits()
    assert torch.equal(again.images, training.images)
    assert not torch.equal(other.images, training.images)
    assert not torch.equal(training.images[:16], validation.images)


def test_vector_digits_lie_a_little_off_the_centre():
    digits, _ = LiveSetting(source="vector", data="1-4.76", images=(40, 1)).digits()
    offsets = torch.stack([centre_of_mass(image.float()) for image in digits.images[:, 0]])
    at_size_1 = offsets / (digits.scale_factors[:, None] * 84 / CANVAS)  # pixels where a digit is 20 pixels long
    assert float(at_size_1.abs().max()) < 0.55  # of 0.5, and the rounding of pixels
    assert float(at_size_1.amax(0).min()) > 0.3
    assert float(at_size_1.amin(0).max()) < -0.3


@pytest.fixture
def pool():
    """A pool of two whose owners are present unless their names are in `away`."""

    def is_present(owner: str) -> bool:
        pool.asked.append(owner)
        return owner not in pool.away

    pool = LivePool(2, is_present, absence_s=0.5)
    pool.away, pool.asked = set(), []
    yield pool
    pool.close()
    until(lambda: pool.processes == 0)


def test_two_train_and_the_third_starts_when_one_ends(pool):
    first, second, third, fourth = (pool.enter(owner, LONG) for owner in "abcd")
    until(lambda: first.report.epoch >= 1 and second.report.epoch >= 1)
    assert (third.report.phase, third.pid, fourth.pid, pool.processes) == ("waiting", None, None, 2)
    assert (pool.ahead_of("a"), pool.ahead_of("c"), pool.ahead_of("d")) == (0, 0, 1)
    second.cancel()
    until(lambda: third.pid is not None)
    assert fourth.pid is None
    assert not alive(second.pid)
    assert pool.processes == 2
    third.cancel()
    until(lambda: fourth.report.epoch >= 1)
    assert first.report.phase == "training"


def test_one_address_does_not_take_all_places(pool):
    pool.per_address = 1
    first, second = (pool.enter(owner, LONG, "203.0.113.5") for owner in "ab")
    until(lambda: first.report.epoch >= 1)
    assert (second.pid, pool.waits_for_its_address("b"), pool.waits_for_its_address("a")) == (None, True, False)
    other = pool.enter("c", LONG, "203.0.113.6")
    until(lambda: other.pid is not None)  # came later, and waits for nobody
    assert second.pid is None
    first.cancel()
    until(lambda: second.pid is not None)
    assert not pool.waits_for_its_address("b")


def test_who_has_no_address_is_not_limited(pool):
    pool.per_address = 1
    runs = [pool.enter(owner, LONG) for owner in "ab"]
    until(lambda: all(run.pid is not None for run in runs))


def test_who_waits_can_leave_the_queue(pool):
    runs = [pool.enter(owner, LONG) for owner in "abcd"]
    runs[2].cancel()
    assert (runs[2].report.phase, pool.ahead_of("d")) == ("cancelled", 0)
    runs[0].cancel()
    until(lambda: runs[3].pid is not None)
    assert runs[2].pid is None


def test_a_process_that_outlives_its_time_is_ended(pool, monkeypatch):
    monkeypatch.setattr(module, "_GRACE", 0.5)
    run = pool.enter("a", LONG)
    until(lambda: run.report.epoch >= 1)
    os.kill(run.pid, signal.SIGSTOP)
    assert not run.overdue
    run.setting = replace(LONG, max_minutes=1e-6)  # the process itself has more, and so cannot end by itself
    assert run.wait(PATIENCE)
    assert not alive(run.pid)


def test_an_owner_has_one_run_and_finds_it_again(pool):
    run = pool.enter("a", LONG)
    assert pool.enter("a", TINY) is pool.of("a") is run
    assert pool.of("b") is None
    run.cancel()
    assert run.wait(PATIENCE)
    assert pool.of("a") is run
    assert pool.enter("a", TINY) is pool.of("a") is not run


def test_the_run_of_an_owner_who_is_gone_ends_and_one_who_comes_back_keeps_it(pool):
    gone, back = pool.enter("gone", LONG), pool.enter("back", LONG)
    until(lambda: gone.report.epoch >= 1 and back.report.epoch >= 1)
    pool.absence_s = 10 * PATIENCE
    pool.away, pool.asked = {"gone", "back"}, []
    until(lambda: pool.asked.count("back") >= 2)  # it was missed
    pool.away = {"gone"}
    assert gone.report.phase == "training"  # a connection may break for a moment
    pool.absence_s = 0.5
    until(lambda: pool.of("gone") is None)
    assert gone.wait(PATIENCE)
    assert not alive(gone.pid)
    assert pool.of("back") is back
    assert back.report.phase == "training"
