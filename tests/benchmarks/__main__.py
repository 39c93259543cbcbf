"""`python tests/benchmarks`: how fast the portal is, beside yardsticks measured in the same run."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    importlib.import_module("benchmarks.run").main()
