import JSON
import Testing
import TraceContext
import Tracing

@testable import OTLPTracing

@Suite struct OTLPJSONTests {
    private static func span(
        attributes: SpanAttributes = [:], parent: SpanID? = nil, links: [SpanLink] = [], events: [SpanEvent] = [],
        status: SpanStatus? = nil, kind: SpanKind = .internal
    ) -> FinishedSpan {
        FinishedSpan(
            traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10), spanID: SpanID(0xFF),
            parentID: parent, isParentRemote: true, kind: kind, name: "a \"name\"\n", startNanoseconds: 1,
            endNanoseconds: UInt64.max, attributes: attributes, events: events, links: links, status: status)
    }

    private func written(_ spans: [FinishedSpan], resource: SpanAttributes = [:]) throws -> JSONValue {
        try JSONValue(
            parsing: OTLPJSON(resource: resource, scope: (name: "test", version: "1")).request(spans))
    }

    private func only(_ span: FinishedSpan) throws -> JSONValue {
        try #require(
            try written([span])["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array?.first)
    }

    @Test func aSpanIsWrittenAsOTLPHasIt() throws {
        let expected: JSONValue = [
            "traceId": "0102030405060708090a0b0c0d0e0f10", "spanId": "00000000000000ff",
            "parentSpanId": "000000000000000a", "flags": 0x301, "name": "a \"name\"\n", "kind": 3,
            "startTimeUnixNano": "1", "endTimeUnixNano": "18446744073709551615", "status": ["code": 2],
        ]
        #expect(try only(Self.span(parent: SpanID(10), status: SpanStatus(code: .error), kind: .client)) == expected)
    }

    @Test func whatIsNotThereIsNotWritten() throws {
        let keys = try #require(try only(Self.span()).object?.keys)
        #expect(
            Set(keys) == ["traceId", "spanId", "flags", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"])
    }

    @Test func eachKindOfValueHasItsForm() throws {
        let attributes: SpanAttributes = [
            "a.text": "x", "b.int": .int64(Int64.max), "c.small": .int32(-5), "d.double": .double(0.25), "e.bool": true,
            "f.texts": .stringArray(["p", "q"]), "g.ints": .int64Array([1, Int64.min]),
            "h.doubles": .doubleArray([1.5]),
            "i.flags": .boolArray([true, false]), "j.nan": .double(.nan), "k.inf": .double(-.infinity),
            "l.other": .stringConvertible(7),
        ]
        let expected: [(String, JSONValue)] = [
            ("a.text", ["stringValue": "x"]), ("b.int", ["intValue": "9223372036854775807"]),
            ("c.small", ["intValue": "-5"]), ("d.double", ["doubleValue": .double(0.25)]),
            ("e.bool", ["boolValue": true]),
            ("f.texts", ["arrayValue": ["values": [["stringValue": "p"], ["stringValue": "q"]]]]),
            (
                "g.ints",
                ["arrayValue": ["values": [["intValue": "1"], ["intValue": "-9223372036854775808"]]]]
            ), ("h.doubles", ["arrayValue": ["values": [["doubleValue": .double(1.5)]]]]),
            ("i.flags", ["arrayValue": ["values": [["boolValue": true], ["boolValue": false]]]]),
            ("j.nan", ["doubleValue": "NaN"]), ("k.inf", ["doubleValue": "-Infinity"]),
            ("l.other", ["stringValue": "7"]),
        ]
        let list = try #require(try only(Self.span(attributes: attributes))["attributes"]?.array)
        #expect(list == expected.map { ["key": .string($0.0), "value": $0.1] })
    }

    @Test func kindsAreNumbers() throws {
        for (kind, number) in [(SpanKind.internal, 1), (.server, 2), (.client, 3), (.producer, 4), (.consumer, 5)] {
            #expect(try only(Self.span(kind: kind))["kind"]?.int == number)
        }
    }

    @Test func linksLeadToSpansAndEventsHaveTheirTime() throws {
        var (context, unknown) = (InstrumentationContext.topLevel, InstrumentationContext.topLevel)
        context.currentSpan = SpanReference(traceID: TraceID(high: 0, low: 1), spanID: SpanID(2), isSampled: true)
        unknown.currentSpan = SpanReference(traceID: TraceID(high: 0, low: 1), spanID: SpanID(3), isSampled: nil)
        let time = DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 77)
        let span = try only(
            Self.span(
                links: [context, unknown, .topLevel].map { SpanLink(context: $0, attributes: [:]) },
                events: [SpanEvent(name: "e", at: time, attributes: ["n": 1])]))
        #expect(
            span["links"] == [
                ["traceId": "00000000000000000000000000000001", "spanId": "0000000000000002", "flags": 1],
                ["traceId": "00000000000000000000000000000001", "spanId": "0000000000000003"],
            ])
        #expect(
            span["events"] == [
                [
                    "timeUnixNano": "77", "name": "e",
                    "attributes": [["key": "n", "value": ["intValue": "1"]]],
                ]
            ])
    }

    @Test func whoRecordsIsSaidOncePerRequest() throws {
        let request = try written([Self.span(), Self.span()], resource: ["service.name": "s"])
        let resources = try #require(request["resourceSpans"]?.array)
        #expect(resources.count == 1)
        #expect(resources[0]["resource"]?["attributes"]?.array?.count == 1)
        #expect(resources[0]["scopeSpans"]?.array?.first?["scope"] == ["name": "test", "version": "1"])
        #expect(resources[0]["scopeSpans"]?.array?.first?["spans"]?.array?.count == 2)
    }
}
