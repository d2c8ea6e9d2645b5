"""Faults in the log: once when they start, once when they end."""

import logging


class FaultLog:
    """Logs the faults of one subject."""

    def __init__(self, logger: logging.Logger, subject: str) -> None:
        self._logger = logger
        self._subject = subject
        self._lasts = False

    def begin(self, fault: Exception) -> None:
        """Note a fault; only the first of a row is logged."""
        if not self._lasts:
            self._logger.warning("%s cannot be read: %s", self._subject, fault)
        self._lasts = True

    def end(self) -> None:
        """Note that there is no fault."""
        if self._lasts:
            self._logger.info("%s can be read again", self._subject)
        self._lasts = False
