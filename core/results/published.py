"""Numbers as publications print them, beside which ours are shown, never mixed with them."""

TABLE5 = (
    "Basting, “Scale Learning in Scale-Equivariant Convolutional Networks”, Table 5: about 494,549 parameters, "
    "56×56 pixels, 10,000 training images, mean over six realisations of the published files"
)
"""Ours of size `paper` have files of our own (docs/decisions/0003-mnist-scale.md) and a background of 0."""

MNIST_SCALE = {
    "cnn": 2.02, "sicnn": 2.02, "si_convnet": 1.82, "sevf": 2.12, "dss": 1.97, "ss_cnn": 1.84, "sesn_vector": 1.68,
    "disco": 1.52, "scale_learning_isr": 1.72, "scale_learning_spacings": 1.70, "scale_learning_direct": 1.74,
}  # fmt: skip
"""Test error in %, by the network's key in the registry, trained without scale augmentation."""

MNIST_SCALE_PLUS = {
    "cnn": 1.60, "sicnn": 1.59, "si_convnet": 1.59, "sevf": 1.81, "dss": 1.57, "ss_cnn": 1.76, "sesn_vector": 1.42,
    "disco": 1.35, "scale_learning_isr": 1.44, "scale_learning_spacings": 1.50, "scale_learning_direct": 1.50,
}  # fmt: skip
"""The same with `+`: images scaled by a uniform factor of 0.5 to 2, bicubic."""

DSS_POSTER = (
    "Worrall & Welling, poster of “Deep Scale-spaces: Equivariance Over Scale” (NeurIPS 2019), "
    "github.com/deworrall92/deep-scale-spaces"
)
PCAM = {"DenseNet": 87.0, "S-DenseNet": 88.1, "Veeling et al., 2018": 89.8}
"""Accuracy on Patch Camelyon in %, Table 1 of the poster; the S-DenseNet is theirs."""

CITYSCAPES = {
    "ResNet, matched parameters": 45.66, "ResNet, matched channels": 49.99, "S-ResNet, multiscale": 63.53,
    "S-ResNet, no interaction": 64.78,
}  # fmt: skip
"""mAP on Cityscapes in %, the same table; both S-ResNets are theirs, the first with interaction between levels."""

DSS_TABLE = {"PCam, accuracy": PCAM, "Cityscapes, mAP": CITYSCAPES}
"""The table by its measures, all in %."""

DSS_RESIDUAL_SMALL_TO = {(number, level): 7 - number - level for number in (1, 2, 3) for level in range(5)}
"""Up to which ℓ of 2^−ℓ each curve of the poster's figure stays small, by (correlations, level)."""
DSS_RESIDUAL_MOST = 0.011
"""The highest residual that the figure draws before a curve jumps, read off it: 1 correlation, k = 1, 2⁻⁵."""

PARK = "chanhopark00/scale_equivariance on GitHub, commit 105fadb (2020)"
PARK_SHRUNK = (1.0, 1.2, 1.5, 2.0, 3.0)
PARK_READ = {
    "DCN v1": (9714, 9648, 8711, 5004, 1477),
    "CNN": (9609, 9496, 8155, 3131, 1137),
}  # fmt: skip
"""Of 10,000 MNIST test digits, how many its log prints as read at each of `PARK_SHRUNK` (results/dcnv1_cnn.txt).

The log has both after five epochs on digits of one size.
"""
PARK_AT_3 = {
    "CNN": 78.3, "DCN v1": 81.7, "DCN v2": 82.0, "Deep scale-spaces": 91.1, "SO(2) CNN": 84.5, "SS-CNN": 86.0,
}  # fmt: skip
"""Accuracy in % on digits shrunk by 3, trained on digits of many sizes; read off the plots of its README."""
PARK_ERRORS = {
    "CNN": (0.107, 0.121), "DCN v1": (0.086, 0.095), "DCN v2": (0.09, 0.098), "Deep scale-spaces": (0.0024, 0.003),
    "SO(2) CNN": (0.000117, 0.000163), "SS-CNN": (0.00005, 0.0001),
}  # fmt: skip
"""Least and largest equivariance error over the sizes 1.1 to 3, read off the same plots; without unit.

They are sums with other divisors and norms for each network, so only curves within one plot compare.
"""
