"""The scripts of `fixtures/` import one another by name, as they do when run."""

import sys
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
sys.path.insert(0, str(FIXTURES))
