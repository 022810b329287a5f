"""Layers that act on scale and space; they know nothing of networks or data."""

from core.layers.background import CentredReLU, RmsBatchNorm
from core.layers.scale_conv import LiftingConv2d, ScaleConv2d
from core.layers.scale_pooling import ScaleProjection, SpatialPool

__all__ = ["CentredReLU", "LiftingConv2d", "RmsBatchNorm", "ScaleConv2d", "ScaleProjection", "SpatialPool"]
