"""An attempt to bring a release to its chart and values, and how many there may be."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.demo.controllers.charts import Chart, helm_chart_key
from console.demo.controllers.objects import Draft, Obj, digest, stamp

_COUNTERS = ("failures", "installFailures", "upgradeFailures")


@dataclass(frozen=True, slots=True)
class Attempt:
    """``config`` is the digest of the values."""

    release: Obj
    chart: Chart
    config: str

    @property
    def name(self) -> str:
        """``namespace/release``, as messages name it."""
        return f"{self.release['metadata']['namespace']}/{release_name(self.release)}"

    @property
    def shown(self) -> str:
        """``chart@version``."""
        return f"{self.chart.name}@{self.chart.version}"

    @property
    def action(self) -> str:
        """``install`` or ``upgrade``."""
        return "upgrade" if self._last else "install"

    @property
    def is_deployed(self) -> bool:
        """Whether this is what runs already."""
        last = self._last
        wanted = ("deployed", self.chart.version, self.config)
        return bool(last) and (last["status"], last["chartVersion"], last["configDigest"]) == wanted

    def is_new(self, status: Obj) -> bool:
        """Whether spec, chart or values are not those of the last attempt: failures are counted anew then."""
        fields = ("lastAttemptedGeneration", "lastAttemptedRevision", "lastAttemptedConfigDigest")
        wanted = (self.release["metadata"]["generation"], self.chart.revision, self.config)
        return tuple(status.get(field) for field in fields) != wanted

    def begin(self, draft: Draft) -> None:
        """Note what is attempted."""
        draft.status |= {
            "lastAttemptedGeneration": draft.generation,
            "lastAttemptedRevision": self.chart.revision,
            "lastAttemptedRevisionDigest": self.chart.digest,
            "lastAttemptedConfigDigest": self.config,
            "storageNamespace": self.release["metadata"]["namespace"],
        }
        if not self.is_deployed:
            draft.status["lastAttemptedReleaseAction"] = self.action
        source = helm_chart_key(self.release)
        if source.kind == "HelmChart":
            draft.status["helmChart"] = source.path

    def record(self, draft: Draft, outcome: str) -> int:
        """Add a snapshot of the release to the history; its number. ``outcome`` is ``deployed`` or ``failed``."""
        history: list[Obj] = [dict(h) for h in draft.status.get("history") or ()]
        number = history[0]["version"] + 1 if history else 1
        now = stamp(draft.at)
        if outcome == "deployed" and history and history[0]["status"] == "deployed":
            history[0]["status"] = "superseded"
        made = {
            "name": release_name(self.release),
            "namespace": self.release["metadata"]["namespace"],
            "version": number,
            "status": outcome,
            "action": self.action,
            "chartName": self.chart.name,
            "chartVersion": self.chart.version,
            "appVersion": self.chart.app_version,
            "configDigest": self.config,
            "digest": f"sha256:{digest(self.chart.revision, self.config)}",
            "firstDeployed": history[-1]["firstDeployed"] if history else now,
            "lastDeployed": now,
        }
        made |= {"ociDigest": self.chart.digest} if self.chart.digest else {}
        draft.status["history"] = [made, *history][:5]
        return int(number)

    @property
    def _last(self) -> Obj:
        history: Sequence[Obj] = (self.release.get("status") or {}).get("history") or ({},)
        return dict(history[0])


def release_name(release: Obj) -> str:
    """The name of the Helm release."""
    return str(release["spec"].get("releaseName") or release["metadata"]["name"])


def forgive(status: Obj) -> None:
    """Forget the failures."""
    for field in _COUNTERS:
        status.pop(field, None)


def blame(status: Obj, action: str) -> None:
    """Count a failure."""
    for field in ("failures", f"{action}Failures"):
        status[field] = int(status.get(field, 0)) + 1


def exhausted(release: Obj, status: Obj) -> bool:
    """Whether no attempt is left: retries are 0 unless the spec says otherwise, a negative number is for ever."""
    action = status.get("lastAttemptedReleaseAction", "upgrade")
    spec = release["spec"].get(action) or {}
    retries = int((spec.get("remediation") or {}).get("retries", 0))
    if (spec.get("strategy") or {}).get("name") == "RetryOnFailure" or retries < 0:
        return False
    return int(status.get(f"{action}Failures", 0)) > retries


def remediates(release: Obj, action: str) -> bool:
    """Whether a failed upgrade is rolled back."""
    return action == "upgrade" and "retries" in ((release["spec"].get(action) or {}).get("remediation") or {})
