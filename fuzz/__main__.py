"""Runs one target under atheris: `python -m fuzz TARGET [OPTION OF LIBFUZZER...]`."""

import sys

import atheris

with atheris.instrument_imports(include=["custom_components"]):
    from .targets import TARGETS


def main() -> None:
    """Run the target that the command line names, until something is found."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m fuzz {{{','.join(TARGETS)}}} [OPTION OF LIBFUZZER...]")
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
