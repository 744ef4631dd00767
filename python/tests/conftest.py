"""What tests share."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import detente as dt

ROOT = Path(__file__).parents[2]
#: Its declared ranges are small, its runs quick.
SMALL = "chicken"


@pytest.fixture(scope="session")
def program():
    """Runs the program; the test is left out where none was built."""
    found = [ROOT / "target" / kind / "detente" for kind in ("release", "debug")]
    found = [os.environ.get("DETENTE_PROGRAM"), *found, shutil.which("detente")]
    path = next((str(p) for p in found if p and Path(p).exists()), None)
    if path is None:
        assert "DETENTE_REQUIRE" not in os.environ, "the program was not built"
        pytest.skip("the program was not built: cargo build --release")

    def run(*words):
        return subprocess.run(
            [path, *map(str, words)], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    return run


@pytest.fixture(scope="session")
def small():
    return dt.load(SMALL)


@pytest.fixture(scope="session")
def runs(small):
    return small.run(200, variants="all", seed=7)


def contents(folder):
    """Every file of a folder that is not hidden, with its bytes."""
    files = [p for p in Path(folder).rglob("*") if p.is_file() and not p.name.startswith(".")]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}
