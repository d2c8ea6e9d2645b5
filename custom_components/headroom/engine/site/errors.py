"""What can be wrong with a site."""


class SiteError(ValueError):
    """A site that cannot exist.

    `key` names the fault and `placeholders` say where it is, so that a user interface can
    translate it.
    """

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the fault's name and its details."""
        details = ", ".join(f"{name}={value}" for name, value in placeholders.items())
        super().__init__(f"{key}: {details}")
        self.key = key
        self.placeholders = placeholders
