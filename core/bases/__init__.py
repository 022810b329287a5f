"""Filter bases: functions sampled at every internal scale, of which a kernel is a weighted sum."""

from core.bases.hermite import HermiteBasis, hermite_basis_a, hermite_basis_b, published_supports

__all__ = ["HermiteBasis", "hermite_basis_a", "hermite_basis_b", "published_supports"]
