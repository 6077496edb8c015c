"""`python -m bot` is the same command as `triage`."""

import sys

from bot.cli import main

sys.exit(main())
