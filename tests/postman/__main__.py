"""`python tests/postman COLLECTION.json`: a Postman collection of the CMS API against a CMS."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    tests = Path(__file__).parents[1]
    sys.path[0] = str(tests)
    sys.path.insert(1, str(tests.parent))
    sys.exit(importlib.import_module("postman.command").main())
