"""Entry of `python -m csworkbench.supervisor`."""

import sys

from csworkbench.supervisor.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
