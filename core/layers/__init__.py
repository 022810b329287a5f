"""Layers that act on scale and space; they know nothing of networks or data."""

from core.layers.background import CentredReLU, RmsBatchNorm
from core.layers.batch_norm import BatchNorm
from core.layers.deformable import DeformableConv2d, deform_conv2d
from core.layers.deformable_scale_conv import DeformableScaleConv2d
from core.layers.fourier import FourierConv1d, FourierConv2d, NestedReLU
from core.layers.kernel_copies import KernelCopiesConv2d
from core.layers.learnable_scale_conv import LearnableScaleConv2d
from core.layers.learnable_scales import LearnableScales
from core.layers.log_radial_conv import LogRadialConv2d
from core.layers.rescaled_conv import RescaledConv2d
from core.layers.resized_kernel import ResizedKernelConv2d
from core.layers.rotation_conv import LiftingRotationConv2d, RotationConv2d
from core.layers.scale_blur import ScaleBlurPool
from core.layers.scale_conv import LiftingConv2d, ScaleConv2d
from core.layers.scale_pooling import ScaleProjection, SpatialPool
from core.layers.scale_selection import ScaleSelection
from core.layers.scale_space import ScaleSpaceConv2d, ScaleSpaceLifting
from core.layers.shared_conv import SharedConv2d
from core.layers.vector_field import VectorFieldConv2d, VectorPool, VectorProjection, magnitude

__all__ = [
    "BatchNorm",
    "CentredReLU",
    "DeformableConv2d",
    "DeformableScaleConv2d",
    "FourierConv1d",
    "FourierConv2d",
    "KernelCopiesConv2d",
    "LearnableScaleConv2d",
    "LearnableScales",
    "LiftingConv2d",
    "LiftingRotationConv2d",
    "LogRadialConv2d",
    "NestedReLU",
    "RescaledConv2d",
    "ResizedKernelConv2d",
    "RmsBatchNorm",
    "RotationConv2d",
    "ScaleBlurPool",
    "ScaleConv2d",
    "ScaleProjection",
    "ScaleSelection",
    "ScaleSpaceConv2d",
    "ScaleSpaceLifting",
    "SharedConv2d",
    "SpatialPool",
    "VectorFieldConv2d",
    "VectorPool",
    "VectorProjection",
    "deform_conv2d",
    "magnitude",
]
