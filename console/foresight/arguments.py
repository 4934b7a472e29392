"""What is handed to the components of Kubernetes by machine configuration: arguments and feature gates."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.foresight.conditions import Hit
from console.foresight.machineconfig import Part
from console.foresight.yamlfiles import UNKNOWN, Setting

# The component of a section of v1alpha1, and of a document of Talos 1.14.
_SECTIONS = {
    ("cluster", "apiServer"): "kube-apiserver",
    ("cluster", "controllerManager"): "kube-controller-manager",
    ("cluster", "scheduler"): "kube-scheduler",
    ("cluster", "proxy"): "kube-proxy",
    ("machine", "kubelet"): "kubelet",
}
_DOCUMENTS = {
    "KubeAPIServerConfig": "kube-apiserver",
    "KubeControllerManagerConfig": "kube-controller-manager",
    "KubeSchedulerConfig": "kube-scheduler",
    "KubeProxyConfig": "kube-proxy",
    "KubeletConfig": "kubelet",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """A component's flag (without dashes), or a key of its configuration file, and what it is set to."""

    component: str
    flag: str
    setting: Setting

    @property
    def entries(self) -> list[str]:
        """The value as a list: comma separated, as such flags take it."""
        return [entry.strip() for entry in self.setting.value.split(",") if entry.strip()]

    @property
    def hit(self) -> Hit:
        """The place."""
        return Hit(self.setting.value, self.setting.path, self.component, self.setting.file, self.setting.line)


@dataclass(frozen=True, slots=True)
class GateSet:
    """A feature gate as it is set for a component."""

    name: str
    value: str
    argument: Argument


def arguments(parts: tuple[Part, ...]) -> Iterator[Argument]:
    """Every argument in ``extraArgs``."""
    for part in parts:
        for setting in part.settings:
            component = _component(part.kind, setting)
            if component and "extraArgs" in setting.path[:-1]:
                at = setting.path.index("extraArgs")
                yield Argument(component, setting.path[at + 1], setting)


def gates(parts: tuple[Part, ...]) -> Iterator[GateSet]:
    """Every feature gate: of ``feature-gates`` arguments and of the kubelet's own configuration."""
    for argument in arguments(parts):
        if argument.flag == "feature-gates":
            for entry in argument.entries:
                name, sign, value = entry.partition("=")
                if sign and UNKNOWN not in entry:
                    yield GateSet(name.strip(), value.strip().lower(), argument)
    for part in parts:
        for setting in part.settings:
            component = _component(part.kind, setting)
            if component and "featureGates" in setting.path[:-1]:
                yield GateSet(setting.path[-1], setting.value.lower(), Argument(component, "featureGates", setting))


def _component(kind: str, setting: Setting) -> str:
    if kind or len(setting.path) < 2:
        return _DOCUMENTS.get(kind, "")
    return _SECTIONS.get((setting.path[0], setting.path[1]), "")
