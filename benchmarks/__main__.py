"""`make bench`: networks, sweep, measure, stacks, then the app in headless Chromium and under ten visitors at once."""

import subprocess
import sys

import torch

from benchmarks.browser import report as in_the_browser
from benchmarks.heavy import report as beside_heavy_tabs
from benchmarks.lessons import report as of_the_lessons
from benchmarks.load import report as under_load
from benchmarks.networks import report as of_the_networks
from benchmarks.visitors import report as with_visitors


def main() -> int:
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    for line in of_the_networks():
        print(line, flush=True)
    print()
    for part in ("convolutions", "stacks"):  # processes of their own: they set what is kept of memory
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=True)
        print()
    for line in in_the_browser():
        print(line, flush=True)
    print()
    for line in of_the_lessons():
        print(line, flush=True)
    print()
    for line in with_visitors():
        print(line, flush=True)
    print()
    for line in beside_heavy_tabs():
        print(line, flush=True)
    print()
    for line in under_load():
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
