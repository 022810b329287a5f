"""AdamW without the compiler: PyTorch's numbers, and a process that never loads torch._dynamo."""

import subprocess
import sys

import torch

from core.training.optimiser import AdamW
from tests.conftest import ROOT

TRAINS = """
import sys, tempfile
from pathlib import Path
from core.training.live_setting import LiveSetting
setting = LiveSetting(canvas=24, images=(16, 16), epochs=1, source="vector", data="1-4.76")
fit = setting.fit(Path(tempfile.mkdtemp()))
assert fit.run(*setting.digits())
print("torch._dynamo" in sys.modules)
"""


def trained(kind: type[torch.optim.Optimizer]) -> list[torch.Tensor]:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 1))
    optimiser = kind([{"params": net[0].parameters(), "weight_decay": 0.1}, {"params": net[2].parameters()}], lr=0.01)
    for step in range(6):
        if step == 3:
            kept, optimiser.param_groups[0]["lr"] = optimiser.state_dict(), 0.02
            optimiser.load_state_dict(kept)
        optimiser.zero_grad()
        net(torch.randn(4, 5)).square().sum().backward()
        optimiser.step()
    return [parameter.detach() for parameter in net.parameters()]


def test_it_steps_as_that_of_pytorch_bit_by_bit():
    ours, theirs = trained(AdamW), trained(torch.optim.AdamW)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert not torch.equal(ours[0], trained(torch.optim.Adam)[0])


def test_a_training_process_never_loads_the_compiler():
    command = [sys.executable, "-c", TRAINS]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "False\n"
