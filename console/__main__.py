"""``python -m console`` is ``homeconsole``."""

import sys

from console.cli import main

sys.exit(main())
