"""Runs a script that was written for Keras: python -m sinew.keras script.py [arguments]"""

from __future__ import annotations

import runpy
import sys

from sinew.keras import _stand_in


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    _stand_in.install()
    sys.argv = sys.argv[1:]
    sys.path.insert(0, "")
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
