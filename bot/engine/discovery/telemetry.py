"""Which addresses are for a program's telemetry: traces, metrics, error reports, shipped logs. Pure.

A program works without them: what cannot be reached there is said in its log, and nobody suffers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.engine.discovery.graph import Reference

_VARIABLE = re.compile(
    r"(?i)^(?:OTEL|OTLP|DD|DATADOG|SENTRY|JAEGER|ZIPKIN|STATSD|NEW_RELIC|NEWRELIC|ELASTIC_APM|APM|PYROSCOPE|INSTANA"
    r"|HONEYCOMB|SIGNOZ|FLUENTD|FLUENT|FLUENTBIT|GELF|GRAYLOG|TRACING|TELEMETRY)_|PUSHGATEWAY|OTLP|_(?:TRACES|METRICS|TRACING|TELEMETRY)_(?:URL|HOST|ENDPOINT|ADDR(?:ESS)?)$"
)
"""Names that the SDKs of telemetry read, and what people call their own. Where telemetry is read again (LOKI_URL of a
dashboard), it is no matter of the side."""
_HOST = re.compile(
    r"(?i)^(?:[a-z0-9-]+-)?(?:otel|opentelemetry|otelcol|jaeger|zipkin|datadog|statsd|sentry|pushgateway|fluentd"
    r"|fluent-bit|logstash|promtail|pyroscope|tempo|newrelic|apm-server|collector-otlp)(?:-[a-z0-9-]+)?(?:\.|$)"
)
_SERVICE = re.compile(
    r"(?i)(?:^|\.)(?:sentry\.io|datadoghq\.(?:com|eu)|newrelic\.com|nr-data\.net|honeycomb\.io|posthog\.com|segment\.(?:io|com)"
    r"|mixpanel\.com|amplitude\.com|google-analytics\.com|bugsnag\.com|rollbar\.com|grafana\.net|logz\.io|loggly\.com)\.?$"
)
"""Companies that take telemetry."""


def is_telemetry(references: Iterable[Reference]) -> bool:
    """Whether all that names an address is about telemetry: by its variable, or by the host where only a log has it."""
    listed = tuple(references)
    settings = [item for item in listed if not item.logged]
    if settings:
        return all(_VARIABLE.search(item.variable or item.key) for item in settings)
    return bool(listed) and all(is_telemetry_host(item.endpoint.host) for item in listed)


_PORTS = frozenset({4317, 4318, 6831, 6832, 8125, 8126, 9411, 14250, 14268, 24224})
"""Where collectors of traces, metrics and logs listen: OTLP, Jaeger, StatsD, Datadog, Zipkin, Fluentd."""


def is_telemetry_port(port: int) -> bool:
    """Whether collectors of telemetry are called at this port."""
    return port in _PORTS


def is_telemetry_host(host: str) -> bool:
    """Whether a host is called as collectors of telemetry are, or is one of a company that takes it."""
    return _HOST.match(host) is not None or _SERVICE.search(host) is not None
