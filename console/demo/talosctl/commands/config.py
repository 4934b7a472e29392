"""``config info`` and ``config contexts``: no network."""

import json

from console.demo.talosctl import texts
from console.demo.talosctl.call import Call
from console.demo.talosctl.failure import Failure
from console.demo.talosctl.identity import read_client


async def config(call: Call) -> None:
    """One of the two."""
    words = call.invocation.words[1:]
    if words == ["info"]:
        await _info(call)
    elif words == ["contexts"]:
        await _contexts(call)
    else:
        raise Failure(f'unknown command "{" ".join(words)}" for "talosctl config"')


async def _info(call: Call) -> None:
    talosconfig = call.talosconfig()
    name = call.invocation.value("context") or talosconfig.current
    if not name:
        raise Failure("no context is set")
    if name not in talosconfig.contexts:
        raise Failure(f'context "{name}" is not defined')
    context = talosconfig.contexts[name]
    fields: dict[str, object] = {
        "context": talosconfig.current,  # also when another one was asked for
        "nodes": list(context.nodes) or None,
        "endpoints": list(context.endpoints) or None,
    }
    if context.crt:
        try:
            client = read_client(context.crt, call.site.authority)
        except ValueError:
            raise Failure("error decoding PEM") from None
        fields["roles"] = sorted(client.roles)
        fields["certTTL"] = texts.relative(client.not_after, call.now())
        fields["certNotAfter"] = client.not_after.strftime("%Y-%m-%d")
    else:
        fields |= {"roles": [], "certTTL": "", "certNotAfter": ""}
    await call.out(_printed(fields, call.invocation.value("output", "text")))


def _printed(fields: dict[str, object], mode: str) -> str:
    if mode == "json":
        return json.dumps(fields, indent=2) + "\n"
    if mode == "yaml":
        return _yaml(fields)
    if mode != "text":
        raise Failure(f'unknown output format: "{mode}"')

    def joined(key: str) -> str:
        value = fields[key]
        return ", ".join(map(str, value)) if isinstance(value, list) and value else "not defined"

    rows = [("Current context", fields["context"]), ("Nodes", joined("nodes")), ("Endpoints", joined("endpoints"))]
    rows += [("Roles", joined("roles"))]
    if fields["certTTL"]:
        rows += [("Certificate expires", f"{fields['certTTL']} ({fields['certNotAfter']})")]
    return "".join(f"{name + ':':21}{value}\n" for name, value in rows)


def _yaml(fields: dict[str, object]) -> str:
    """As Go's library writes it: lists indented by four, texts that could be something else between double quotes."""
    lines = []
    for name, value in fields.items():
        if isinstance(value, list) and value:
            lines += [f"{name}:", *(f"    - {item}" for item in value)]
        elif name == "certNotAfter" or value == "":
            lines.append(f"{name}: {json.dumps(value)}")
        else:
            lines.append(f"{name}: {value or '[]'}")
    return "\n".join(lines) + "\n"


async def _contexts(call: Call) -> None:
    talosconfig = call.talosconfig()
    rows = [["CURRENT", "NAME", "ENDPOINTS", "NODES"]]
    for name, context in sorted(talosconfig.contexts.items()):
        nodes = ",".join(context.nodes[:3]) + ("..." if len(context.nodes) > 3 else "")
        rows.append(["*" if name == talosconfig.current else "", name, ",".join(context.endpoints), nodes])
    await call.out(texts.table(rows))
