"""The rules, as data: one file for each release or part, which a reader of its release notes can write. No code.

A file is ``{read: DATE, rules: [RULE, …]}``; ``read`` is the day its sources were read. A rule is::

    - rule: talos-1.12-kernel-args      # unique; lower case, dots and dashes
      severity: block                   # block | warn | info
      about: What is asked for, said of a repository in which it holds (the title of a pass).
      title: "{path} is set beside grubUseUKICmdline"     # of a fail; default: about
      detail: What to do.               # of a fail
      source: document and version, where this was read
      read: 2026-11-22                  # only where it differs from the file's
      when: {talos: "1.12"}             # which updates it is asked about; every key given must hold
      find: …                           # evidence; left out: the versions in ``when`` are all that matters
      unless: …                         # evidence that excuses it
      fix: {drop: true}                 # take the line away; or {set: VALUE}, or {replace: [REGEX, TEXT]} in the value

``title`` and ``detail`` may hold ``{value} {path} {name} {file} {line} {count} {old} {new}`` of the first place found.
Rules without ``when`` are raised by code and only described here.

``when`` names what moves: ``talos``, ``kubernetes``, or ``package: {name: GLOB or list, …}`` (a chart, image or tool as
Renovate names it; globs of the whole name, or of its last part when they have no slash). What is said of the step:

    "1.12"                      crosses it: old < 1.12.0 ≤ new (a pre-release counts as its release)
    {crosses: "1.12", from: "<1.10.9", to: ">=1.13 <1.14", step: ">1"}     every key given must hold;
                                ``from`` the oldest that runs, ``to`` the target, ``step`` minors between them.
                                A range is comparisons with < <= > >= = != separated by spaces; ``||`` is or.

``find`` and ``unless`` are one condition, or a list of which every one must hold:

    config: PATH or list        a key in any machine configuration: whole files, patches in files and inline (talhelper,
                                topf, templates), JSON patches. PATH is ``machine.install.extraKernelArgs``; ``[]`` any
                                index, ``*`` any key, ``**`` any depth, "quotes" around a key with dots. It means the
                                key and all below it.
    config: {kind: HostnameConfig, path: auto, value: REGEX, not: REGEX, key: REGEX}
                                kind: a document's (left out: v1alpha1; ``talconfig``, ``topf``: the tools' own files;
                                ``"*"``: any); without path: that it is there. value and not: of the whole value.
                                ``key``: of the last key's name.
    object: {kind: NAME or list, api: GLOB or list, name: GLOB, chart: GLOB, has: {PATH: REGEX}, lacks: [PATH, …]}
                                a Kubernetes object in the repository; ``chart``: a HelmRelease of that chart (its
                                values stand below spec.values). has and lacks speak of one and the same object.
    extension: GLOB or list     a system extension in a schematic
    kernel: REGEX               a kernel argument, in a schematic or in machine.install
    installer: REGEX            an installer image
    package: {name: GLOB or list, version: RANGE}        what the repository holds after the update
    runs: {kubernetes: RANGE}   the versions beside each other once the update is through; also ``talos``
    text: {files: GLOB or list, match: REGEX}            a line of any other file
    live: {api: ceph.rook.io/v1, kind: CephCluster, has: {PATH: REGEX}, lacks: […], older: {PATH: 2d}}
                                an object in the cluster now; skipped when it can't be asked, and where the kind is
                                unknown the condition does not hold. ``older``: a time further back than that.
                                Conditions stand below their type too: ``status.conditions[Ready].status``.
    any: [CONDITION, …]   none: [CONDITION, …]   all: [CONDITION, …]

Conditions on machine configuration that stand together speak of one node: what stands in patches of two nodes, or of
workers and control planes, is never combined. REGEX matches the whole text. Text in templates (``{{ … }}``) is unknown
and matches nothing but the key's presence.

Tables beside the rules (``foresight/knowledge``) need no rule for each entry: ``gates.csv`` (the life of feature
gates), ``components.yaml`` (removed flags, admission plugins, runtime-config), ``apis.yaml`` (API versions no longer
served), ``documents.yaml`` (Talos documents and the first release that knows them).

Each rule has an example in ``tests/foresight/examples/FILE.yaml``, which tests run::

    - {rule: ID, talos: [OLD, NEW], raises: {PATH: TEXT}, quiet: {PATH: TEXT}}

or ``kubernetes: [OLD, NEW]``, ``package: [NAME, OLD, NEW]``. ``runs: {kubernetes: v1.31.0}`` is what runs beside it,
``live: [OBJECT, …]`` and ``calm: [OBJECT, …]`` the cluster of either. Without files the other way round must be quiet.
"""
