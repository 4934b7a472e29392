"""Coverage-guided fuzzing of what reads outside's bytes, where atheris is installed (pip install atheris).

    python -m tests.hostile.fuzz [--seconds 120] [--only NAME ...] [--corpus FOLDER]

Each parser runs in a process of its own, with 1 GiB and 10 s for one input; what fails is written beside the corpus.
Hypothesis runs the same parsers in the suite.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path


def one(name: str, words: list[str]) -> None:
    """Fuzz one parser in this process, until libFuzzer ends it."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415 - no dependency

    with atheris.instrument_imports(include=["console"]):
        from console.sources.errors import HomeconsoleError  # noqa: PLC0415 - what is imported here is guided by
        from tests.hostile.parsers import PARSERS  # noqa: PLC0415

    parse = PARSERS[name]

    def tried(data: bytes) -> None:
        try:
            parse(data)
        except HomeconsoleError:
            return

    atheris.Setup([name, *words], tried)
    atheris.Fuzz()


def main() -> int:
    """Fuzz them one after the other; how many failed."""
    from tests.hostile.parsers import PARSERS  # noqa: PLC0415 - see above

    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--only", nargs="*", default=sorted(PARSERS), choices=sorted(PARSERS))
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "homeconsole-fuzz")
    options = parser.parse_args()
    failed = []
    for name in options.only:
        folder = options.corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        limits = [f"-max_total_time={options.seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=65536"]
        words = [*limits, f"-artifact_prefix={folder}-", str(folder)]
        code = f"from tests.hostile.fuzz import one; one({name!r}, {words!r})"
        print(f"{name}: {options.seconds} s", flush=True)
        if subprocess.run([sys.executable, "-c", code], check=False).returncode:
            failed.append(name)
    print("failed:", *failed or ["none"])
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
