"""What runs in a worker process: the function, which is sent there once, with the state that it works on."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

_function: Callable[..., Any] | None = None
_state: tuple[Any, ...] = ()
_failed: BaseException | None = None


def prepare(functions: bytes, arguments: tuple[Any, ...]) -> None:
    """Makes the function ready, and the state; what goes wrong is raised by the first call, where somebody hears it."""
    global _function, _state, _failed
    try:
        _function, init = pickle.loads(functions)
        if init is not None:
            _state = (init(*arguments),)
    except BaseException as error:
        _failed = error


def call(value: Any) -> Any:
    """Calls the function."""
    if _failed is not None:
        raise _failed
    assert _function is not None
    return _function(*_state, value)


def call_flat(value: Any) -> list[Any]:
    """Calls the function and draws its results here, where the work is done."""
    return list(call(value))
