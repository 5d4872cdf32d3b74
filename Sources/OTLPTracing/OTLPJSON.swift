import JSON
import TraceContext
import Tracing

/// Writes spans as an `ExportTraceServiceRequest` of OTLP 1, in its JSON form: ids in hexadecimal, 64-bit numbers as
/// strings, enumerations as numbers.
struct OTLPJSON {
    /// Who records.
    let resource: SpanAttributes
    /// Names the instrumentation, and its version.
    let scope: (name: String, version: String)

    func request(_ spans: [FinishedSpan]) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 1024 * (spans.count + 1))
        writer.object { writer in
            writer.list("resourceSpans") { writer in
                writer.object { writer in
                    writer.member("resource") { writer in
                        writer.object { $0.attributes(resource) }
                    }
                    writer.list("scopeSpans") { writer in
                        writer.object { writer in
                            writer.member("scope") { writer in
                                writer.object { writer in
                                    writer.member("name") { $0.write(scope.name) }
                                    writer.member("version") { $0.write(scope.version) }
                                }
                            }
                            writer.list("spans") { writer in
                                for span in spans { writer.span(span) }
                            }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }
}

extension SpanKind {
    fileprivate var number: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}

extension JSONWriter {
    /// W3C's flag of what is recorded.
    private static var sampledFlag: Int { 0x01 }
    /// Whether the parent is of another process is known, and it is.
    private static var remoteFlags: (isKnown: Int, isRemote: Int) { (0x100, 0x200) }

    fileprivate mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
        key(name)
        value(&self)
    }

    fileprivate mutating func list(_ name: String, _ elements: (inout JSONWriter) -> Void) {
        key(name)
        array(elements)
    }

    fileprivate mutating func span(_ span: FinishedSpan) {
        object { writer in
            writer.member("traceId") { $0.write(span.traceID.description) }
            writer.member("spanId") { $0.write(span.spanID.description) }
            if let parentID = span.parentID {
                writer.member("parentSpanId") { $0.write(parentID.description) }
                let origin = Self.remoteFlags.isKnown | (span.isParentRemote ? Self.remoteFlags.isRemote : 0)
                writer.member("flags") { $0.write(Self.sampledFlag | origin) }
            } else {
                writer.member("flags") { $0.write(Self.sampledFlag) }
            }
            writer.member("name") { $0.write(span.name) }
            writer.member("kind") { $0.write(span.kind.number) }
            writer.member("startTimeUnixNano") { $0.write(String(span.startNanoseconds)) }
            writer.member("endTimeUnixNano") { $0.write(String(span.endNanoseconds)) }
            writer.attributes(span.attributes)
            if !span.events.isEmpty {
                writer.list("events") { writer in
                    for event in span.events { writer.event(event) }
                }
            }
            if !span.links.isEmpty {
                writer.list("links") { writer in
                    for link in span.links { writer.link(link) }
                }
            }
            if let status = span.status { writer.member("status") { $0.status(status) } }
        }
    }

    private mutating func event(_ event: SpanEvent) {
        object { writer in
            writer.member("timeUnixNano") { $0.write(String(event.nanosecondsSinceEpoch)) }
            writer.member("name") { $0.write(event.name) }
            writer.attributes(event.attributes)
        }
    }

    /// One that leads to no span is left out.
    private mutating func link(_ link: SpanLink) {
        guard let target = link.context.currentSpan else { return }
        object { writer in
            writer.member("traceId") { $0.write(target.traceID.description) }
            writer.member("spanId") { $0.write(target.spanID.description) }
            if let isSampled = target.isSampled {
                writer.member("flags") { $0.write(isSampled ? Self.sampledFlag : 0) }
            }
            writer.attributes(link.attributes)
        }
    }

    private mutating func status(_ status: SpanStatus) {
        object { writer in
            writer.member("code") { $0.write(status.code == .ok ? 1 : 2) }
            if let message = status.message { writer.member("message") { $0.write(message) } }
        }
    }

    /// Sorted by name: the same spans give the same text.
    fileprivate mutating func attributes(_ attributes: SpanAttributes) {
        guard !attributes.isEmpty else { return }
        var members: [(name: String, value: SpanAttribute)] = []
        attributes.forEach { members.append(($0, $1)) }
        members.sort { $0.name < $1.name }
        list("attributes") { writer in
            for (name, value) in members {
                writer.object { writer in
                    writer.member("key") { $0.write(name) }
                    writer.member("value") { $0.value(value) }
                }
            }
        }
    }

    private mutating func value(_ value: SpanAttribute) {
        switch value {
        case .string(let text): only("stringValue") { $0.write(text) }
        case .int32(let number): only("intValue") { $0.write(String(number)) }
        case .int64(let number): only("intValue") { $0.write(String(number)) }
        case .double(let number): only("doubleValue") { $0.number(number) }
        case .bool(let flag): only("boolValue") { $0.write(flag) }
        case .stringConvertible(let text): only("stringValue") { $0.write(text.description) }
        case .stringArray(let all): elements(all.map { .string($0) })
        case .int32Array(let all): elements(all.map { .int32($0) })
        case .int64Array(let all): elements(all.map { .int64($0) })
        case .doubleArray(let all): elements(all.map { .double($0) })
        case .boolArray(let all): elements(all.map { .bool($0) })
        case .stringConvertibleArray(let all): elements(all.map { .string($0.description) })
        default: only("stringValue") { $0.write("\(value)") }
        }
    }

    private mutating func only(_ name: String, _ value: (inout JSONWriter) -> Void) {
        object { $0.member(name, value) }
    }

    private mutating func elements(_ all: [SpanAttribute]) {
        only("arrayValue") { writer in
            writer.object { writer in
                writer.list("values") { writer in
                    for one in all { writer.value(one) }
                }
            }
        }
    }

    /// Protobuf's words for what JSON's numbers cannot say.
    private mutating func number(_ number: Double) {
        if number.isFinite {
            write(number)
        } else {
            write(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
    }
}
