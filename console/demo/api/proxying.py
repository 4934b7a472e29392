"""The way through the API server to a service (Kubernetes 1.36, pkg/registry/core/service/storage/storage.go)."""

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from console.demo.api.call import Call
from console.demo.api.errors import ApiError, bad_request, not_found

PATIENCE = 30.0  # seconds for one answer


async def proxied(call: Call, path: str) -> web.Response:
    """What the service answers: body, status and type of its content as they come. ApiError where nothing is behind."""
    where = f"{_endpoint(call)}/{path}"
    try:
        async with (
            ClientSession(timeout=ClientTimeout(PATIENCE), auto_decompress=False) as session,
            session.request(
                call.request.method,
                where,
                params=call.request.query,
                data=await call.request.read() or None,
                allow_redirects=False,
            ) as answer,
        ):
            headers = {
                name: answer.headers[name] for name in ("Content-Type", "Content-Encoding") if name in answer.headers
            }
            return web.Response(body=await answer.read(), status=answer.status, headers=headers)
    except (ClientError, TimeoutError) as error:
        raise _unavailable(f"error trying to reach service: {error}") from error


def _endpoint(call: Call) -> str:
    """``scheme://address:port``; the name in the URL is ``[scheme:]name[:port]``, the port a number or a name."""
    parts = call.name.split(":")
    scheme, name, port = parts if len(parts) == 3 else ("http", *parts, "")[:3]
    if len(parts) > 3 or scheme not in {"http", "https", ""} or not name:
        raise bad_request(f'invalid service request "{call.name}"')
    service = call.store.stored("Service", name, call.home).object
    if port.isdecimal() and len(port) < 6:
        of = [each for each in service["spec"].get("ports") or () if each["port"] == int(port)]
        if not of:
            raise _unavailable(f'no service port {port} found for service "{name}"')
        port = of[0].get("name", "")
    endpoints = call.store.get("Endpoints", name, call.home)
    if endpoints is None:
        raise not_found(call.kind, name)
    subsets = endpoints.get("subsets") or ()
    for subset in subsets:
        numbers = [each["port"] for each in subset.get("ports") or () if each.get("name", "") == port]
        found = [address["ip"] for address in subset.get("addresses") or () if _is_pod(call, address)]
        if numbers and found:
            return f"{scheme or 'http'}://{found[0]}:{numbers[0]}"
    raise _unavailable(f'no endpoints available for service "{call.name if subsets else name}"')


def _is_pod(call: Call, address: dict[str, object]) -> bool:
    """Whether it is the address of a pod of this namespace: no other is a way out of the cluster."""
    of = address.get("targetRef")
    if not isinstance(of, dict) or of.get("namespace") != call.home:
        return False
    pod = call.store.get("Pod", str(of.get("name")), call.home) or {}
    return address["ip"] in {each.get("ip") for each in (pod.get("status") or {}).get("podIPs") or ()}


def _unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)
