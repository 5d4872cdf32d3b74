import Testing

@testable import TraceContext

/// The cases of the W3C recommendation's own test suite, and those of its grammar.
@Suite struct TraceParentTests {
    private static let trace = "12345678901234567890123456789012"
    private static let span = "1234567890123456"

    @Test func aHeaderIsReadAndWrittenAsItWas() throws {
        for (text, isSampled) in [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00", false),
            ("00-00000000000000000000000000000001-0000000000000001-01", true),
            ("00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-00", false),
        ] {
            let parent = try #require(TraceParent(text))
            #expect(parent.isSampled == isSampled)
            #expect(parent.description == text)
        }
    }

    @Test(arguments: [
        "", "00", "00-", "garbage", " ", "-", "---",
        // Ids of other lengths, and of nothing but zeros.
        "00-\(trace.dropLast())-\(span)-01", "00-\(trace)1-\(span)-01", "00-\(trace)-\(span.dropLast())-01",
        "00-\(trace)-\(span)7-01", "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-\(span)-\(trace)-01",
        // Upper case, and what is no digit.
        "00-1234567890ABCDEF1234567890123456-\(span)-01", "00-\(trace)-ABCDEF1234567890-01",
        "00-\(trace.dropLast()).-\(span)-01", "00-\(trace)-\(span.dropLast())g-01", "00-\(trace)-\(span)-0G",
        "00-\(trace)-\(span)-.0", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-", "00-\(trace)-\(span)",
        "00-\(trace.dropLast())\u{FF11}-\(span)-01", "00-+2345678901234567890123456789012-\(span)-01",
        // Versions that there are not.
        "ff-\(trace)-\(span)-01", "FF-\(trace)-\(span)-01", ".0-\(trace)-\(span)-01", "0-\(trace)-\(span)-01",
        "0x-\(trace)-\(span)-01",
        // The first version ends after its flags; a later one goes on after a dash.
        "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01.", "00-\(trace)-\(span)-01-what-the-future-will-be-like",
        "cc-\(trace)-\(span)-01.what-the-future-will-be-like", "01-\(trace)-\(span)-011",
        // Other separators, white space, two headers in one.
        "00_\(trace)_\(span)_01", "00-\(trace)-\(span)_01", " 00-\(trace)-\(span)-01", "\t00-\(trace)-\(span)-01",
        "00-\(trace)-\(span)-01 ", "00-\(trace)-\(span)-01, 00-\(trace)-\(span)-01", "00 -\(trace)-\(span)-01",
    ]) func whatIsNoHeaderIsNone(_ text: String) {
        #expect(TraceParent(text) == nil)
    }

    @Test func aLaterVersionIsReadAsFarAsItIsKnown() throws {
        for text in [
            "cc-\(Self.trace)-\(Self.span)-01", "cc-\(Self.trace)-\(Self.span)-01-what-the-future-will-be-like",
            "01-\(Self.trace)-\(Self.span)-01-", "fe-\(Self.trace)-\(Self.span)-09",
        ] {
            let parent = try #require(TraceParent(text), "\(text)")
            #expect(parent.traceID.description == Self.trace)
            #expect(parent.isSampled)
            #expect(parent.description == "00-\(Self.trace)-\(Self.span)-01")
        }
    }

    @Test func unknownFlagsSayNothing() throws {
        for (flags, isSampled) in [("02", false), ("03", true), ("fe", false), ("ff", true), ("80", false)] {
            #expect(try #require(TraceParent("00-\(Self.trace)-\(Self.span)-\(flags)")).isSampled == isSampled)
        }
    }

    @Test func anIDIsNeverZero() {
        #expect(TraceID(high: 0, low: 0).description == "00000000000000000000000000000001")
        #expect(SpanID(0).description == "0000000000000001")
        #expect(TraceID(digits: Array(repeating: UInt8(ascii: "0"), count: 32)) == nil)
        #expect(SpanID(digits: Array(repeating: UInt8(ascii: "0"), count: 16)) == nil)
    }
}
