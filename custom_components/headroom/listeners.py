"""Who wants to know of a change."""

from collections.abc import Callable
from contextlib import suppress


class Listeners:
    """Functions without arguments that are called after every change."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener from now on; the result ends that, and may be called again."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def notify(self) -> None:
        """Call all listeners; one that ends its subscription meanwhile disturbs no other."""
        for listener in tuple(self._listeners):
            listener()
