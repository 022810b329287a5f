"""oneDNN multiplies matrices only where it is as exact as MKL."""

import pytest
import torch
from torch.backends import mkldnn

from core import matrix_products, processor
from core.matrix_products import by_onednn, prefer_onednn

AMD = "vendor_id\t: AuthenticAMD\n"


@pytest.fixture(autouse=True)
def setting():
    before = mkldnn.matmul.fp32_precision
    mkldnn.matmul.fp32_precision = "none"
    yield
    mkldnn.matmul.fp32_precision = before


@pytest.fixture
def amd(monkeypatch):
    """A processor on which oneDNN is the quicker library."""
    monkeypatch.setattr(processor, "description", lambda: AMD)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")


def rounded(product):
    return lambda a, b: product(a.bfloat16().float(), b.bfloat16().float())


@pytest.mark.parametrize("size", [(50, 42, 1000), (7, 300, 9), (128, 64, 64)])
def test_products_keep_their_digits_whatever_it_chooses(size):
    prefer_onednn()
    rows, sums, columns = size
    torch.manual_seed(0)
    a, b = torch.randn(3, rows, sums), torch.randn(3, sums, columns)
    exact, largest = a.double() @ b.double(), a.abs().double() @ b.abs().double()
    for found in (torch.bmm(a, b), torch.bmm(b.mT.contiguous(), a.mT.contiguous()).mT):
        assert ((found - exact).abs() <= 1e-6 * largest).all()
    assert ((torch.mm(a[0], b[0]) - exact[0]).abs() <= 1e-6 * largest[0]).all()


def test_it_is_taken_where_it_is_exact(amd, monkeypatch):
    monkeypatch.setattr(matrix_products, "_rounds", lambda: False)
    assert not by_onednn()
    assert prefer_onednn()
    assert by_onednn()
    assert mkldnn.matmul.fp32_precision == "bf16"


@pytest.mark.parametrize("name", ["bmm", "mm"])
def test_a_library_that_rounds_is_not_taken(amd, monkeypatch, name):
    monkeypatch.setattr(torch, name, rounded(getattr(torch, name)))
    assert not prefer_onednn()
    assert not by_onednn()
    assert mkldnn.matmul.fp32_precision == "none"


@pytest.mark.parametrize(
    ("described", "capability"), [("vendor_id\t: GenuineIntel\n", "AVX512"), (AMD, "AVX2"), ("", "DEFAULT")]
)
def test_elsewhere_nothing_changes(described, capability, monkeypatch):
    monkeypatch.setattr(processor, "description", lambda: described)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert not prefer_onednn()
    assert mkldnn.matmul.fp32_precision == "none"
