"""Faults in the log: once when they start, once when they end."""

import logging


class FaultLog:
    """Logs the faults of one subject."""

    def __init__(
        self,
        logger: logging.Logger,
        subject: str,
        *,
        fails: str = "cannot be read",
        recovers: str = "can be read again",
    ) -> None:
        self._logger = logger
        self._subject = subject
        self._fails = fails
        self._recovers = recovers
        self._lasts = False

    def begin(self, fault: Exception) -> None:
        """Note a fault; only the first of a row is logged."""
        if not self._lasts:
            self._logger.warning("%s %s: %s", self._subject, self._fails, fault)
        self._lasts = True

    def end(self) -> None:
        """Note that there is no fault."""
        if self._lasts:
            self._logger.info("%s %s", self._subject, self._recovers)
        self._lasts = False
