"""Test errors on MNIST-Scale as published, beside which ours are shown, never mixed with them."""

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
