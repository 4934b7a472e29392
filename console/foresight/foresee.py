"""All rules on one update, worst first."""

from collections.abc import Mapping
from dataclasses import replace

from console.foresight import cluster, healthchecks, path, proposal, tabled, together, written
from console.foresight.evidence import Evidence
from console.foresight.knowledge import knowledge
from console.model.finding import Finding, Verdict
from console.model.version import Version

CHECKS = (proposal.check, path.check, together.check, tabled.check, written.check, cluster.check, healthchecks.check)
_STATUS = {"fail": 0, "skipped": 1, "pass": 2}
_SEVERITY = {"block": 0, "warn": 1, "info": 2}


def foresee(evidence: Evidence) -> tuple[Finding, ...]:
    """Every finding: what applies by severity, then what was not looked at, then what does not apply."""
    found = [finding for check in CHECKS for finding in check(evidence)]
    return tuple(sorted(found, key=lambda f: (_STATUS[f.status], _SEVERITY[f.severity])))


def acknowledged(findings: tuple[Finding, ...], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The same, with the operator's ``reasons`` (by rule) to go on in spite of them. What passed needs none."""
    return tuple(
        replace(f, acknowledged=reasons[f.rule]) if f.rule in reasons and f.status != "pass" else f for f in findings
    )


def verdict(evidence: Evidence, findings: tuple[Finding, ...]) -> Verdict:
    """One word for them: nothing is called ready whose target, or whose cluster, is not known.

    What is acknowledged no longer blocks, and is no longer unknown; it stays a warning.
    """
    failing = [f for f in findings if f.status == "fail"]
    done = {f.rule for f in findings if f.acknowledged}
    if any(f.severity == "block" and not f.acknowledged for f in failing):
        return "blocked"
    beyond = _beyond(evidence) and "known" not in done
    blind = evidence.blind() and "cluster-read" not in done
    if evidence.update.state == "unknown" or beyond or blind:
        return "unknown"
    return "warn" if done or any(f.severity == "warn" for f in failing) else "ready"


def _beyond(evidence: Evidence) -> bool:
    known = knowledge()
    tables = {"talos": known.talos, "kubernetes": known.kubernetes}
    return any(_minor(m.new) not in tables[m.system] for m in evidence.moves)


def _minor(version: Version) -> tuple[int, int]:
    return version.major, version.minor
