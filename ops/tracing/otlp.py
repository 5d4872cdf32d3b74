"""Reads OTLP's JSON by the messages' definitions, and takes nothing that they do not have."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .span import Span

#: Ids, which OTLP writes in hexadecimal and protobuf's JSON in base 64, with their digits.
_IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


class OTLPError(Exception):
    """A body that is no request, and why."""


def read(body: bytes) -> list[Span]:
    """The spans of a request."""
    try:
        document = json.loads(body, object_pairs_hook=_members)
        message = json_format.Parse(json.dumps(document), ExportTraceServiceRequest())
    except (ValueError, json_format.ParseError) as error:
        raise OTLPError(str(error)) from error
    spans = []
    for resource in message.resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            if not scope.scope.name:
                raise OTLPError("a scope without a name")
            spans += [_span(span, service) for span in scope.spans]
    return spans


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{name} is there twice")
        members[name] = _id(name, value) if name in _IDS else value
    return members


def _id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"[0-9a-f]{{{_IDS[name]}}}", value) or not value.strip("0"):
        raise ValueError(f"{name} is {value!r}")
    return base64.b64encode(bytes.fromhex(value)).decode()


def _span(span: Any, service: str) -> Span:
    names = [attribute.key for attribute in span.attributes]
    if len(set(names)) != len(names) or not all(names):
        raise OTLPError(f"attributes without names, or twice: {names}")
    if not span.name or not span.kind or not span.trace_id or not span.span_id:
        raise OTLPError(f"a span without name, kind or ids: {span.name!r}")
    return Span(
        trace=span.trace_id.hex(), id=span.span_id.hex(), parent=span.parent_span_id.hex(), name=span.name,
        kind=span.kind, start=span.start_time_unix_nano, end=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links), status=span.status.code,
        service=service,
    )


def _attributes(attributes: Any) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: Any) -> Any:
    which = value.WhichOneof("value")
    if which is None:
        raise OTLPError("an attribute without a value")
    if which == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, which)
