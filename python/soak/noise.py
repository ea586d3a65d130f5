"""What a program that is all right does not say: tasks destroyed, errors never retrieved, warnings, words on stderr."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import sys
import tempfile
import threading
import traceback
import warnings
from typing import Any, TextIO

from .book import Deliberate


class Noise(logging.Handler):
    """Listens to everything that would have ended on stderr, and stderr itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._heard: list[str] = []
        self.deliberate = 0
        # What somebody writes past Python goes there too; the real one is for whoever runs this.
        self.stderr: TextIO = os.fdopen(os.dup(2), "w")
        self._caught = tempfile.TemporaryFile()
        sys.stderr.flush()
        os.dup2(self._caught.fileno(), 2)
        faulthandler.enable(self.stderr)
        logging.getLogger().addHandler(self)
        warnings.simplefilter("always")
        warnings.showwarning = self._warned
        sys.unraisablehook = self._unraisable
        threading.excepthook = self._thread_failed

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(f"logged: {record.getMessage()}", record.exc_info and record.exc_info[1])

    def of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The exception handler of the loops."""
        # The task itself would be kept by the text's frames, the text is not.
        self._hear(f"a loop says: { {key: str(value) for key, value in context.items()} }", context.get("exception"))

    def _warned(self, message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        self._hear(f"{filename}:{lineno}: {category.__name__}: {message}", None)

    def _unraisable(self, what: Any) -> None:
        self._hear(f"ignored in {what.object!r}: {what.err_msg}", what.exc_value)

    def _thread_failed(self, what: Any) -> None:
        self._hear(f"in {what.thread}", what.exc_value)

    def _hear(self, text: str, error: BaseException | None) -> None:
        if isinstance(error, Deliberate):
            self.deliberate += 1
            return
        if error is not None:
            text += "\n" + "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self._heard.append(text)

    def take(self) -> list[str]:
        """What was heard since the last time."""
        heard, self._heard = self._heard, []
        self._caught.seek(0)
        caught = self._caught.read()
        if caught:
            heard.append(f"on stderr: {caught.decode(errors='replace')}")
            self._caught.seek(0)
            self._caught.truncate()
        return heard
