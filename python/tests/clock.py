"""An event loop whose time passes by the test's hand, so that no test of time has to wait."""

from __future__ import annotations

import stream_support


class ClockLoop(stream_support.ClockLoop):
    """An event loop whose clock jumps to the next timer when nothing is left to do, and can be put forward by hand.

    With nothing to do and no timer it waits, as any loop does: for other threads.
    """

    def is_busy_for(self, seconds: float) -> None:
        """Lets time pass in which the loop can do nothing, as when a callback computes for long."""
        self.now += seconds
