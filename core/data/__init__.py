"""The data: MNIST, MNIST-Scale, Dynamic Scale MNIST, vector digits and uploaded images."""
