"""The tests run with types and shapes of core checked."""

import jaxtyping
import pytest
import torch
from beartype import beartype
from jaxtyping import Float, TypeCheckError
from torch import Tensor

from core.resampling.kernel import on_canvas
from core.scales import internal_scales
from tests.type_checks import check


def test_a_number_that_is_none_is_refused():
    with pytest.raises(TypeCheckError, match="isr"):
        internal_scales(1.5, "two", 3)


def test_a_wrong_shape_is_refused_unless_no_shape_is_checked(monkeypatch):
    with pytest.raises(TypeCheckError, match="source"):
        on_canvas(torch.zeros(2, 2), 2)
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    assert on_canvas(torch.zeros(2, 2), 2).all()


def test_an_axis_has_one_length_in_a_call_and_in_what_it_returns():
    @check(typechecker=beartype)
    def shortened(x: Float[Tensor, " a"], y: Float[Tensor, " a"], by: int) -> Float[Tensor, " a"]:
        return x[by:] + y[by:]

    three = torch.ones(3)
    assert len(shortened(three, three, 0)) == 3
    assert len(shortened(three[:2], three[:2], 0)) == 2  # each call has lengths of its own
    with pytest.raises(TypeCheckError, match="parameter y"):
        shortened(three, three[:2], 0)
    with pytest.raises(TypeCheckError, match="return"):
        shortened(three, three, 1)
