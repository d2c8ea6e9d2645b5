"""Runs one target under atheris: `python -m fuzz TARGET [FOLDER] [OPTION OF LIBFUZZER...]`.

Inputs that reach something new are added to the folder, and are where the next run begins.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["custom_components"]):
    from .targets import TARGETS

FOLDER = Path(__file__).parent


def main() -> None:
    """Run the target that the command line names, until something is found."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m fuzz {{{','.join(TARGETS)}}} [FOLDER] [OPTION OF LIBFUZZER...]")
    name = sys.argv.pop(1)
    atheris.Setup([*sys.argv, *hints(name)], TARGETS[name])
    atheris.Fuzz()


def hints(name: str) -> list[str]:
    """Return where a target's inputs begin; without it JSON is hardly ever hit upon."""
    seeds = FOLDER / "seeds" / name
    return [f"-dict={FOLDER / 'json.dict'}", str(seeds)] if seeds.is_dir() else []


if __name__ == "__main__":
    main()
