"""The index for rows: equal to the rows themselves, and told apart when some come twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.wire.rows import every, one_each


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.sampled_from([np.int64, np.uint32]))
def test_the_index_means_the_same_rows(rows: list[int], dtype: type) -> None:
    index = one_each(np.array(rows, dtype))
    if index is None:
        assert rows != sorted(set(rows)), "ascending rows without repeats have an index"
    else:
        assert np.arange(31)[index].tolist() == rows


def test_rows_without_a_hole_are_a_slice() -> None:
    assert one_each(np.array([5, 6, 7], np.uint32)) == slice(5, 8)
    assert one_each(np.array([5], np.int64)) == slice(5, 6)
    assert not isinstance(one_each(np.array([5, 7], np.int64)), slice)


@pytest.mark.parametrize("rows", [[1, 1], [2, 1], [0, 2, 1, 3], [4, 0, 1, 2, 3]])
def test_rows_in_another_order_or_twice_have_none(rows: list[int]) -> None:
    assert one_each(np.array(rows, np.uint32)) is None


@given(st.lists(st.booleans(), max_size=40))
def test_every_is_all(mask: list[bool]) -> None:
    assert every(np.array(mask, bool)) is all(mask)
    assert every(np.array([mask, mask], bool)) is all(mask)
