"""`make bench`: networks, sweep and measure, then the app in headless Chromium."""

import sys

import torch

from benchmarks import browser, networks


def main() -> int:
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    for line in networks.report():
        print(line, flush=True)
    print()
    for line in browser.report():
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
