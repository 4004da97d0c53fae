"""``python -m kezhou.cli``: what the supervisor starts, because a script's folder may not be in the path."""

import sys

from kezhou.cli.entrance import main

sys.exit(main())
