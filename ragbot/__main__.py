"""`python -m ragbot` is `ragbot`."""

from ragbot.cli import main

raise SystemExit(main())
