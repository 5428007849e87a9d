"""How good search and answers are: question sets in, run folders with numbers and a report out.

    questions | beir ─► run ─► metrics ─► statistics ─► report
                         ▲ Ragbot            compare · pool · judge

Uses Ragbot as anyone would, by asking it. Nothing else in the package knows this part.
"""

from __future__ import annotations
