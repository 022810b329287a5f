"""Networks that others made, from a file: ONNX, read as data and computed here, so that no code of theirs runs."""

from core.foreign.network import OnnxNetwork, read_onnx
from core.foreign.operators import OPERATORS

__all__ = ["OPERATORS", "OnnxNetwork", "read_onnx"]
