"""The networks: one file each, and one line each in the registry."""

from core.models.feature_map import FeatureMap, Features
from core.models.network import Network
from core.models.registry import MODELS, ModelSpec, build, configuration, is_ready, load

__all__ = ["MODELS", "FeatureMap", "Features", "ModelSpec", "Network", "build", "configuration", "is_ready", "load"]
