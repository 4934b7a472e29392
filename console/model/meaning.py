"""What the words on the screen mean, what to do about them, and where that is documented."""

from collections.abc import Mapping
from typing import NamedTuple

_CONDITIONS = "fluxcd.io/flux/components/kustomize/kustomizations/#conditions"
_SUSPEND = "fluxcd.io/flux/cmd/flux_suspend"
_HELM = "fluxcd.io/flux/components/helm/helmreleases/#conditions"
_TUPPR = "github.com/home-operations/tuppr"
_TALOS = "docs.siderolabs.com/talos, Upgrading Talos Linux"
_TROUBLE = "docs.siderolabs.com/talos, Troubleshooting"
_NODES = "kubernetes.io/docs/reference/node/node-status"
_KUBECONFIG = "kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig"
_RENOVATE = "docs.renovatebot.com/configuration-options"
_SEMVER = "semver.org"
_REBASE = "docs.renovatebot.com/updating-rebasing"


class Meaning(NamedTuple):
    """``does`` is what the operator can do; empty where there is nothing to be done."""

    says: str
    does: str
    documented: str


# By the pane or the kind of thing, and the word that stands there.
MEANINGS: Mapping[tuple[str, str], Meaning] = {
    ("nodes", "ready"): Meaning("Talos and Kubernetes both say so.", "", _NODES),
    ("nodes", "restarting"): Meaning(
        "Talos is on its way up or down, or installs: that is no failure yet.",
        "Wait: a reboot takes minutes. l shows its log as soon as Talos answers again.",
        _TALOS,
    ),
    ("nodes", "not ready"): Meaning(
        "It answers, and it, or its kubelet, says that something is missing.",
        "enter: unmet conditions, diagnostics and services; l: its logs.",
        _TROUBLE,
    ),
    ("nodes", "unreachable"): Meaning(
        "Neither its Talos API nor its kubelet is heard of.",
        "Is it on, and on the network? talosctl -n ADDRESS version asks it alone; then look at its console.",
        _TROUBLE,
    ),
    ("nodes", "unknown"): Meaning(
        "Nothing was heard of it yet, or it can't be asked.", "homeconsole doctor tells what is missing.", _TROUBLE
    ),
    ("flux", "Stalled"): Meaning(
        "Its controller gave up: it is not tried again until it is changed.",
        "Read why (enter), mend it in git. A Helm release goes on after :reset or :force as well.",
        _CONDITIONS,
    ),
    ("flux", "Failed"): Meaning(
        "Its last pass failed; it is tried again at its interval, or at its retry interval.",
        "enter: why; l: what its controller wrote; R: try now. The cure is usually a commit.",
        _CONDITIONS,
    ),
    ("flux", "Blocked"): Meaning(
        "It waits for another object: a source, or one that it depends on. It has not failed itself.",
        "Mend what it waits for; enter and t lead there. Then it goes on by itself.",
        "fluxcd.io/flux/components/kustomize/kustomizations/#dependencies",
    ),
    ("flux", "Terminating"): Meaning(
        "It is being deleted, and a finalizer still has work to do.",
        "If it lasts: l shows what its controller waits for. Don't take the finalizer away by hand before that.",
        "kubernetes.io/docs/concepts/overview/working-with-objects/finalizers",
    ),
    ("flux", "Pending"): Meaning(
        "Nobody has looked at it yet, or at its latest change.",
        "If it lasts its controller is busy, stuck or not there: l, and the pods in flux-system.",
        _CONDITIONS,
    ),
    ("flux", "Reconciling"): Meaning(
        "A pass is running: it applies, installs, or waits for what it applied to become healthy.",
        "Wait; its timeout ends it. w and enter show what it waits for.",
        _HELM,
    ),
    ("flux", "Suspended"): Meaning(
        "Flux leaves it alone: no change in git reaches the cluster through it. R does nothing either.",
        "s resumes it, unless it is suspended in git: there the line has to go.",
        _SUSPEND,
    ),
    ("flux", "Ready"): Meaning("Its last pass went well and nothing has changed since.", "", _CONDITIONS),
    # Beside a Flux object's status.
    ("mark", "exhausted"): Meaning("No retry is left.", "Mend it, then :reset, or reconcile it with --reset.", _HELM),
    ("mark", "retrying"): Meaning("It failed, and is being tried again.", "", _CONDITIONS),
    ("mark", "remediated"): Meaning("The failed upgrade was rolled back, or uninstalled.", "", _HELM),
    ("mark", "drifted"): Meaning("What runs differs from what was applied.", "R applies it anew.", _HELM),
    ("mark", "cycle"): Meaning("It waits for something that waits for it.", "Take one dependsOn away.", _CONDITIONS),
    ("mark", "outdated"): Meaning("It runs an older revision than its source has.", "", _CONDITIONS),
    ("mark", "failed-on-new"): Meaning("The newer revision was tried, and failed.", "", _CONDITIONS),
    ("mark", "not-picked-up"): Meaning("Nobody has tried the newer revision yet.", "", _CONDITIONS),
    ("updates", "ready"): Meaning(
        "It merges cleanly into main as main is now.", "D: what it changes; a: review it.", _RENOVATE
    ),
    ("updates", "conflict"): Meaning(
        "Main has changed the same lines since: it can't be merged as it is.",
        "Renovate rebases it at its next run, unless others have committed to the branch: then its rebase box.",
        _REBASE,
    ),
    ("updates", "applied"): Meaning(
        "Main has these versions already; the branch is left over.", "Renovate takes it away.", _REBASE
    ),
    ("updates", "superseded"): Meaning(
        "Main went further already: this older version is not needed any more.", "Renovate takes it away.", _REBASE
    ),
    ("updates", "unknown"): Meaning(
        "Its branch can't be read, or not be compared with main.", "enter tells why.", _RENOVATE
    ),
    # What sets an update apart: how far it moves, and its marks.
    ("update", "major"): Meaning(
        "It may break what works: by semantic versioning the first number moves for that alone.",
        "Read its release notes (o) before a; its name is typed.",
        _SEMVER,
    ),
    ("update", "breaking"): Meaning(
        "Its commit says that it breaks something: the ! of a conventional commit, and here (major!, minor!).",
        "Read its release notes (o) before a.",
        "conventionalcommits.org",
    ),
    ("update", "minor"): Meaning("New features; what works should go on working.", "", _SEMVER),
    ("update", "patch"): Meaning("Repairs alone.", "", _SEMVER),
    ("update", "digest"): Meaning(
        "The same tag, built anew: another content under the name that runs already.", "", _RENOVATE
    ),
    ("update", "pin"): Meaning("What floated is fixed to the version, or the digest, that it has now.", "", _RENOVATE),
    ("update", "replacement"): Meaning(
        "Another dependency takes the place of this one.", "Read what became of the old one (o) before a.", _RENOVATE
    ),
    ("update", "unknown"): Meaning(
        "How far it moves can't be told: it is no version, or there is none (a lock file, Renovate's configuration).",
        "D: what it changes.",
        _RENOVATE,
    ),
    ("update", "new"): Meaning("It came since your last visit.", "", "README"),
    ("update", "security"): Meaning(
        "Its commit or branch says that it mends a vulnerability.", "Take it soon.", _RENOVATE
    ),
    ("update", "unusual"): Meaning(
        "It changes more than the lines that its kind of update changes.",
        "D: read those lines; enter names them.",
        "README",
    ),
    ("update", "overlaps"): Meaning(
        "Another update touches the same lines: of the two, one will conflict once the other is on main.",
        "enter names it. Approve one; Renovate rebases the other.",
        _REBASE,
    ),
    ("update", "pair"): Meaning(
        "Two updates move the same system to the same version: one without the other is half of it.",
        "Approve both, one right after the other.",
        "README",
    ),
    ("update", "downgrade"): Meaning(
        "It goes to an older version than main has.", "Rarely meant: look at who wrote it, and at D.", _RENOVATE
    ),
    ("update", "unsigned"): Meaning(
        "Its commits carry no good signature where the bot's other branches do.",
        "Look at who wrote it (enter), and at D.",
        "git-scm.com/docs/git-verify-commit",
    ),
    ("upgrades", "current"): Meaning("Every node runs what main asks for, and nothing newer waits.", "", _TUPPR),
    ("upgrades", "unknown"): Meaning(
        "The repository has not been read: whether anything newer waits can't be told.",
        "homeconsole doctor tells why.",
        _TUPPR,
    ),
    ("upgrades", "held"): Meaning(
        "A newer version waits for you: nothing goes on by itself.",
        "enter: what holds it and what it will ask; a: review it, then approve.",
        _TUPPR,
    ),
    ("upgrades", "waiting"): Meaning(
        "It is approved, and something has to come first: Flux, the other system, health checks, a window.",
        "w tells what it waits for, and what can be done.",
        _TUPPR,
    ),
    ("upgrades", "running"): Meaning(
        "tuppr works on the nodes; the API may be away meanwhile.", "w follows it.", _TUPPR
    ),
    ("upgrades", "stuck"): Meaning(
        "It runs, and nothing has moved for longer than is usual.", "w tells what it hangs on, and the choices.", _TUPPR
    ),
    ("upgrades", "suspended"): Meaning(
        "tuppr's resource has the suspend annotation: nothing starts, the other system's upgrade waits behind it.",
        "w, then s releases it in the cluster; one in git goes with an approval.",
        _TUPPR,
    ),
    ("upgrades", "failed"): Meaning(
        "tuppr gave up on a node, or a node came back with its old version.",
        "w: the reason, the end of the job's log, and what can be done; X lets tuppr start over.",
        _TUPPR,
    ),
    ("upgrades", "done"): Meaning("Every node runs it, checked by node and not by resource.", "", _TUPPR),
    ("rollout", "running"): Meaning(
        "It is on its way. Steps say since when, and the note below them what is normal now.",
        "Wait, or leave: it goes on without the console, and is found again.",
        _TUPPR,
    ),
    ("rollout", "stuck"): Meaning(
        "Nothing has moved for longer than is usual.", "The choices stand below the steps.", _TUPPR
    ),
    ("rollout", "failed"): Meaning(
        "It has ended, and not with what was approved; the reason stands with the step that failed.",
        "The choices stand below the steps; l: the last lines of the job.",
        _TUPPR,
    ),
    ("rollout", "done"): Meaning("What was approved runs, on every node that it is for.", "", _TUPPR),
    ("rollout", "superseded"): Meaning(
        "A later commit changed the same thing: that one is followed now.", "tab: the others.", _TUPPR
    ),
    ("finding", "block"): Meaning(
        "It will be refused, leaves what is supported, or keeps a node, the control plane, storage or the network from "
        "coming back.",
        "Do what it says first. Approving in spite of it takes a reason, which goes into the commit.",
        "homeconsole rules",
    ),
    ("finding", "warn"): Meaning(
        "It will need work soon, or may break some of what runs.",
        "F takes the fix where there is one, e edits, A acknowledges it with a reason.",
        "homeconsole rules",
    ),
    ("finding", "info"): Meaning("Something becomes needless, or is worth knowing.", "", "homeconsole rules"),
    ("source", "not-configured"): Meaning(
        "Nothing was found that says where it is.", "homeconsole doctor prints what mends it.", _KUBECONFIG
    ),
    ("source", "missing-tool"): Meaning(
        "A program is missing, or too old.", "homeconsole doctor names it and the version it takes.", "README"
    ),
    ("source", "unreachable"): Meaning(
        "Nobody answers there: refused, no route, or the name is not known. What is shown is what was seen last.",
        "It is tried again by itself. If it lasts: is the machine up, is a VPN needed, is the address right?",
        _KUBECONFIG,
    ),
    ("source", "timeout"): Meaning(
        "It took longer than we wait. What is shown is what was seen last.",
        "It is tried again by itself; over a thin line that may be all.",
        _KUBECONFIG,
    ),
    ("source", "unauthorized"): Meaning(
        "It does not know us: a token or certificate is missing, expired, or of another cluster.",
        "Make new credentials; the pane recovers by itself when the file changes.",
        "kubernetes.io/docs/reference/access-authn-authz/authentication",
    ),
    ("source", "forbidden"): Meaning(
        "It knows us, and we may not.",
        "README, Rights: the manifest that grants what the console asks for.",
        "kubernetes.io/docs/reference/access-authn-authz/rbac",
    ),
    ("source", "malformed"): Meaning(
        "It answered something that can't be read.",
        "Is something in between, such as a proxy or a login page? homeconsole doctor shows more.",
        _KUBECONFIG,
    ),
}
