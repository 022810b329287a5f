"""Networks that others made, from a file: ONNX, read as data and computed here, so that no code of theirs runs."""

from core.foreign.graph import MOST_BYTES
from core.foreign.judge import Judgement, judge
from core.foreign.network import OnnxNetwork, read_onnx
from core.foreign.operators import OPERATORS
from core.foreign.question import Check, Findings, Question

__all__ = [
    "MOST_BYTES",
    "OPERATORS",
    "Check",
    "Findings",
    "Judgement",
    "OnnxNetwork",
    "Question",
    "judge",
    "read_onnx",
]
