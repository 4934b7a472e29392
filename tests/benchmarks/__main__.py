"""``python -m tests.benchmarks [--runs N] [--only ROW …] [--json FILE]``: every figure beside its floor or its peer.

Prints a table and writes JSON: all rows to ``tests/benchmarks/last.json``, from which ``python -m tests.readme`` makes
the README's table; some rows only where ``--json`` says. It takes about ten minutes; best on a machine that does
nothing else. No figure makes it fail: the comparison is the result.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.figure import Figure, unmeasured

ROWS = ("start", "plain", "flux", "decode", "wire", "idle", "scan", "preflight", "approval", "nodes")
RUNS = 5


def main() -> int:
    """Measure, print, write; 1 when a row could not be measured because of a defect."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"of each figure ({RUNS}); long ones are run less often")
    parser.add_argument("--only", choices=ROWS, action="append", help="this row; may be given again")
    parser.add_argument("--json", type=Path, help=f"where to write; all rows: {report.LAST.name} beside this file")
    options = parser.parse_args()
    figures, broken = [], False
    for row in options.only or ROWS:
        began = time.monotonic()
        say(f"{row} …")
        try:
            found = _measured(row, options.runs)
        except Exception as error:  # noqa: BLE001 - a row that breaks costs only itself
            told = str(error).partition("\n")[0]
            found, broken = [unmeasured(row, f"{type(error).__name__}: {told}")], True
            say(f"{row}: {found[0].why}")
        figures += [(row, figure) for figure in found]
        say(f"{row}: {len(found)} figures in {time.monotonic() - began:.0f} s")
    made = report.document(figures, options.runs)
    print(*report.lines(made), sep="\n")
    target = options.json or (None if options.only else report.LAST)
    if target:
        report.write(made, target)
    return int(broken)


def _measured(row: str, runs: int) -> list[Figure]:
    measure: Callable[[int], Iterable[Figure]] = import_module(f"tests.benchmarks.{row}").measure
    return list(measure(runs))


def say(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
