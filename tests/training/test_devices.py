"""Where a training runs, and that it would run there the same way again."""

import os

import pytest
import torch

from core.training.devices import same_every_time, usable_device


def settings() -> tuple[bool, ...]:
    cudnn, cuda = torch.backends.cudnn, torch.backends.cuda
    return torch.are_deterministic_algorithms_enabled(), cudnn.benchmark, cudnn.allow_tf32, cuda.matmul.allow_tf32


@pytest.fixture
def untouched(monkeypatch):
    """As this process is set, now and afterwards."""
    before, asked = settings(), torch.is_deterministic_algorithms_warn_only_enabled()
    monkeypatch.setattr(os, "environ", os.environ.copy())
    torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    yield
    torch.use_deterministic_algorithms(before[0], warn_only=asked)
    cudnn, cuda = torch.backends.cudnn, torch.backends.cuda
    cudnn.benchmark, cudnn.allow_tf32, cuda.matmul.allow_tf32 = before[1:]


def test_an_accelerator_computes_as_exactly_and_as_repeatably_as_a_processor(untouched):
    same_every_time("cuda:0")
    assert settings() == (True, False, False, False)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_a_processor_needs_nothing(untouched):
    before = settings()
    same_every_time(usable_device("cpu"))
    assert settings() == before
