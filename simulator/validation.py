"""Checks of files that people write."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


class FileError(ValueError):
    """A file that cannot be used, and why."""


def check(document: Any, schema_file: Path) -> None:  # noqa: ANN401 - whatever a file holds
    """Check a document against a JSON Schema. Raises FileError that says what is wrong where."""
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    errors = sorted(validator.iter_errors(document), key=lambda error: error.json_path)
    if errors:
        deepest = min(errors[0].context or [errors[0]], key=lambda error: -len(error.path))
        msg = f"{deepest.json_path}: {deepest.message}"
        raise FileError(msg)
