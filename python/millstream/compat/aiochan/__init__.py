"""A drop-in for aiochan 0.2.7: a program changes its import to ``import millstream.compat.aiochan as ac``.

Names, signatures and results are aiochan's, and its behaviour where that is of use. What is different: no value is lost
and no peer disturbed when an operation is cancelled; channels work between threads and event loops; an error in a
function closes the channel behind it and reaches whoever gets there; nothing is left over from pipelines that nobody
holds; a loop over channels that are always ready lets other tasks run.
"""

from . import buffers as buffers
from .channel import *
from .channel import __all__ as __all__
