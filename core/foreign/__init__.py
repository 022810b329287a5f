"""Networks that others made, from a file, so that no code of theirs runs: ONNX, read as data and computed here, and
safetensors, weights for a network of the registry."""

from core.foreign.graph import MOST_BYTES
from core.foreign.judge import SECONDS, Judgement, judge
from core.foreign.network import OnnxNetwork, read_onnx
from core.foreign.operators import OPERATORS
from core.foreign.question import Check, Findings, Question
from core.foreign.safetensors_file import read_safetensors
from core.foreign.weights import expected, networks_with_weights, read_weights

__all__ = [
    "MOST_BYTES",
    "OPERATORS",
    "SECONDS",
    "Check",
    "Findings",
    "Judgement",
    "OnnxNetwork",
    "Question",
    "expected",
    "judge",
    "networks_with_weights",
    "read_onnx",
    "read_safetensors",
    "read_weights",
]
