"""`torchvision.models`, or why it is not there."""

from types import ModuleType

import pytest
import torch

_DECLARED: list[torch.library.Library] = []  # an operator lives as long as its library


def torchvision_models() -> ModuleType:
    """Skips the test, with a sentence, where torchvision cannot be imported."""
    try:
        import torchvision.models as models
    except ModuleNotFoundError as error:
        pytest.skip(f"needs torchvision, `pip install -r requirements-foreign.txt` ({error})")
    except RuntimeError:  # a wheel for CUDA beside a torch without: its compiled operators, for boxes, are not there
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):  # that it describes while it is imported; no network here calls one
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _DECLARED.append(library)
        try:
            import torchvision.models as models
        except RuntimeError as error:
            pytest.skip(f"torchvision is not of the same build as torch ({error})")
    return models
