"""How functions are compiled, and the arrays they take."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float32]
Words = NDArray[np.uint64]
Flags = NDArray[np.uint8]
Function = TypeVar("Function", bound=Callable[..., object])

NOBODY = -1


def compiled(function: Function) -> Function:
    """Return the function compiled, and kept on disk if there is anywhere to keep it."""
    try:
        return cast(Function, numba.njit(nogil=True, fastmath=True, cache=True)(function))
    except RuntimeError:  # nowhere to write: compile again in each process
        return cast(Function, numba.njit(nogil=True, fastmath=True)(function))


def inlined(function: Function) -> Function:
    """Return the function as a part of those that call it: a call would copy its many arrays."""
    return cast(Function, numba.njit(nogil=True, fastmath=True, forceinline=True)(function))
