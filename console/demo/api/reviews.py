"""Reviews: a client asks what it may do, and who it is."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from console.demo.api import bodies
from console.demo.api.access import Access, User
from console.demo.api.call import answer
from console.demo.api.errors import ApiError, bad_request
from console.demo.api.kinds import SERVED, Kind

Review = Callable[[User, Access, Mapping[str, Any]], Mapping[str, Any]]


def _access(user: User, access: Access, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if bool(asked) == bool(path):
        told = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise ApiError(422, "Invalid", f'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec: {told}')
    if not asked:
        return {"allowed": True}
    resource = "/".join(filter(None, (asked.get("resource", ""), asked.get("subresource", ""))))
    where = asked.get("namespace", ""), asked.get("name", "")
    allowed = access.authorize(user.name, asked.get("verb", ""), asked.get("group", ""), resource, *where)
    return {"allowed": allowed}


def _rules(user: User, access: Access, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    namespace = spec.get("namespace")
    if not namespace:
        raise bad_request("no namespace on request")
    rules = [rule for kind in SERVED for rule in _rules_of(user, access, kind, namespace if kind.namespaced else "")]
    own = {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews"]}
    public = {"verbs": ["get"], "nonResourceURLs": ["/api", "/apis", "/healthz", "/version"]}
    return {"resourceRules": [*rules, own], "nonResourceRules": [public], "incomplete": False}


def _rules_of(user: User, access: Access, kind: Kind, namespace: str) -> list[dict[str, Any]]:
    verbs = ("create", "delete", "get", "list", "patch", "update", "watch")
    plain = [verb for verb in verbs if access.authorize(user.name, verb, kind.group, kind.plural, namespace, "")]
    return [{"verbs": plain, "apiGroups": [kind.group], "resources": [kind.plural]}] if plain else []


def _self(user: User, access: Access, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    del access, spec
    return {"userInfo": {"username": user.name, "groups": list(user.groups)}}


# group -> (kind, plural, what answers)
REVIEWS: Mapping[str, tuple[tuple[str, str, Review], ...]] = {
    "authorization.k8s.io": (
        ("SelfSubjectAccessReview", "selfsubjectaccessreviews", _access),
        ("SelfSubjectRulesReview", "selfsubjectrulesreviews", _rules),
    ),
    "authentication.k8s.io": (("SelfSubjectReview", "selfsubjectreviews", _self),),
}


async def review(request: web.BaseRequest, user: User, access: Access, group: str, plural: str) -> web.Response | None:
    """The answer to a POST of a review; None when there is no such review."""
    for kind, of, judge in REVIEWS[group]:
        if of != plural:
            continue
        asked = await bodies.body(request, kind)
        spec = asked.get("spec") or {}
        metadata = {"creationTimestamp": None, **(asked.get("metadata") or {})}
        whole = {"kind": kind, "apiVersion": f"{group}/v1", "metadata": metadata}
        return answer({**whole, "spec": spec, "status": judge(user, access, spec)}, 201)
    return None
