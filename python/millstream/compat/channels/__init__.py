"""The names of sav.channels, of its versions 0.1 and 0.5 together, over millstream's channels.

`from millstream.compat import channels` is all that a program written for 0.5 has to change (`create`, `open`), and
`from millstream.compat.channels import Channel` for 0.1. What differs from the originals: nothing hangs when a side
leaves, fails or is cancelled, but the other side is told (`Abandoned`, or the error), so that what was cut short does
not look like an end; a wait that is cancelled or times out leaves the channel usable; several tasks may use one end. A
loop over an end that is left early, outside of a block of `open`, gives that end up.
"""

from ._channel import AsyncItemize, AsyncItemizer, Channel
from ._end import Abandoned, create
from ._open import open

__all__ = ["Abandoned", "AsyncItemize", "AsyncItemizer", "Channel", "create", "open"]
