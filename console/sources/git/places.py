"""What a file is for, by its path alone."""

import re
from typing import Literal

Purpose = Literal["lock", "config", "client", "workflow", "content"]

_LOCKS = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|poetry\.lock"
    r"|uv\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|Gemfile\.lock|composer\.lock|mix\.lock|flake\.lock"
    r"|devbox\.lock|Chart\.lock|requirements\.lock|\.terraform\.lock\.hcl|aqua-checksums\.json|pixi\.lock"
    r"|\.?mise(?:\.[\w-]+)?\.lock|[\w.-]+-lock\.json|devcontainer-lock\.json|vendir\.lock\.yml|helmfile\.lock)$"
)
_CONFIG = re.compile(
    r"(?:^|/)(?:\.?renovate(?:rc)?(?:\.json5?|\.yaml)?|\.renovaterc(?:\.json5?)?)$|(?:^|/)\.?renovate/|(?:^|/)renovate[\w-]*\.json5?$"
)
_CLIENTS = re.compile(
    r"(?:^|/)(?:\.?mise(?:\.[\w-]+)?\.toml|\.?mise/.*|\.config/mise(?:/.*|\.toml)|\.tool-versions|\.?aqua(?:\.[\w-]+)?\.ya?ml"
    r"|aqua/.*|\.krew|Brewfile|[\w.-]*Dockerfile[\w.-]*|Containerfile|\.devcontainer/.*|devcontainer\.json|package\.json"
    r"|requirements[\w.-]*\.(?:txt|ya?ml|in)|pyproject\.toml|\.pre-commit-config\.yaml|lefthook\.ya?ml|flake\.nix"
    r"|devbox\.json|\.envrc|shell\.nix|\.vscode/.*)$",
    re.IGNORECASE,
)
_WORKFLOWS = re.compile(
    r"(?:^|/)\.(?:github|forgejo|gitea)/|(?:^|/)\.gitlab-ci\.ya?ml$|(?:^|/)\.(?:woodpecker|drone|circleci)"
)


def purpose(path: str) -> Purpose:
    """Lock files, Renovate's own configuration, lists of tools for people and pipelines, workflows, or content."""
    if _LOCKS.search(path):
        return "lock"
    if _CONFIG.search(path):
        return "config"
    if _CLIENTS.search(path):
        return "client"
    return "workflow" if _WORKFLOWS.search(path) else "content"


def is_yaml(path: str) -> bool:
    """Whether it may be read as YAML (templates are tried too: some are)."""
    return path.lower().endswith((".yaml", ".yml"))
