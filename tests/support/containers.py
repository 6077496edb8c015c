"""How people and collectors pack a log up before it is pasted: each takes a text and gives it in another container."""

import csv
import io
import json
from collections.abc import Callable

AT = "2025-11-12T08:31:07.512Z"
POD = "onyx-api-server-6b7c5d9f4-tq2wn"


def _each(text: str, wrap: Callable[[str], str]) -> str:
    return "\n".join(wrap(line) for line in text.rstrip("\n").split("\n"))


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _parts(text: str) -> tuple[str, str]:
    first, _, rest = text.rstrip("\n").partition("\n")
    return first, rest or first


def _csv(text: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["@timestamp", "message"])
    writer.writerow(["Nov 12, 2025 @ 08:31:07.512", text.rstrip("\n")])
    return out.getvalue()


def _logfmt(text: str, key: str = "msg") -> str:
    return f"ts={AT} level=error {key}={_json(text)} logger=main"


def _cloud(text: str) -> dict[str, object]:
    labels = {"namespace_name": "onyx", "cluster_name": "prod"}
    return {
        "textPayload": text,
        "insertId": "1x2y",
        "resource": {"type": "k8s_container", "labels": labels},
        "timestamp": AT,
        "severity": "ERROR",
    }


CONTAINERS: dict[str, Callable[[str], str]] = {
    "JSON lines": lambda text: _each(text, lambda line: _json({"ts": AT, "level": "error", "msg": line})),
    "JSON lines of structlog": lambda text: _each(
        text, lambda line: _json({"event": line, "level": "error", "timestamp": AT})
    ),
    "one JSON record": lambda text: _json({"message": text, "level": "error"}),
    "one JSON record, ASCII only": lambda text: json.dumps({"message": text, "level": "error"}),
    "message and exception": lambda text: _json({"message": _parts(text)[0], "exception": _parts(text)[1], "time": AT}),
    "message and stack_trace of ECS": lambda text: _json(
        {"@timestamp": AT, "message": _parts(text)[0], "error": {"type": "x", "stack_trace": _parts(text)[1]}}
    ),
    "pino": lambda text: _json({"level": 50, "time": 1719306384776, "err": {"stack": text}, "msg": "request failed"}),
    "exception as a list of lines": lambda text: _json({"message": "failed", "exc_info": text.split("\n"), "ts": 1.5}),
    "Cloud console, copied as JSON": lambda text: _json(_cloud(text), 2),
    "Cloud console, list": lambda text: _json([_cloud("first"), _cloud(text)], 2),
    "Cloud console, one record each line": lambda text: _json([_cloud(line) for line in text.split("\n")], 2),
    "jsonPayload, pretty": lambda text: _json({"jsonPayload": {"message": text}, "timestamp": AT}, 4),
    "jq": lambda text: "\n".join(_json({"level": "error", "msg": line}, 2) for line in text.rstrip("\n").split("\n")),
    "pretty, cut at the end": lambda text: _json({"a": 1, **_cloud(text)}, 2)[:-12],
    "Kibana document": lambda text: _json({"_index": "logs", "_source": {"message": text, "@timestamp": AT}}, 2),
    "Kibana fields": lambda text: _json({"_index": "logs", "fields": {"message": [text], "@timestamp": [AT]}}, 2),
    "Elasticsearch answer": lambda text: _json({"hits": {"hits": [{"_source": {"message": text}}]}}),
    "Datadog event": lambda text: _json({"id": "A", "content": {"message": text, "tags": ["env:prod"]}}, 2),
    "Datadog answer": lambda text: _json({"data": [{"attributes": {"message": text, "status": "error"}}]}),
    "CloudWatch": lambda text: _json({"events": [{"timestamp": 1762936267512, "message": text}]}, 4),
    "Splunk": lambda text: _json({"preview": False, "result": {"_raw": text, "_time": AT}}),
    "GELF": lambda text: _json({"version": "1.1", "short_message": _parts(text)[0], "full_message": text}),
    "record in a record": lambda text: _json(
        {"log": _json({"message": text, "level": "error"}) + "\n", "stream": "stderr"}
    ),
    "CSV": _csv,
    "Kibana table": lambda text: _each(text, lambda line: f"Nov 12, 2025 @ 08:31:07.512\t{line}"),
    "escaped line breaks": lambda text: text.rstrip("\n").replace("\n", "\\n"),
    "string of JSON": _json,
    "string of JSON in a string": lambda text: _json(_json(text))[3:-3],
    "detail of a response": lambda text: "GET /api/x -> 500\n" + _json({"detail": text, "code": 5}, 2),
    "string of Python": repr,
    "logfmt": _logfmt,
    "logfmt, error": lambda text: f'level=error msg="it failed" err={_json(text)}',
    "rsyslog": lambda text: "Nov 12 08:31:07 node-1 containerd[812]: " + text.rstrip("\n").replace("\n", "#012"),
    "RFC 5424": lambda text: _each(text, lambda line: f"<11>1 {AT} node-1 containerd 812 - - {line}"),
    "a prefix over JSON": lambda text: "[pod/{pod}] " + _json({"message": text}),
    "compose over JSON": lambda text: "{compose} | " + _json({"message": text}),
    "syslog over JSON": lambda text: "Nov 12 08:31:07 node-1 dockerd[812]: " + _json({"msg": text}),
    "YAML block": lambda text: "log: |\n" + _each(text, lambda line: "  " + line),
}
