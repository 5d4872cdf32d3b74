import Foundation
import JSON
import Testing
import UTC

@testable import ProviderTwin

struct WireTextTests {
    @Test func hundredthsHaveNoTrailingZeros() {
        var json = JSONWriter()
        json.array { list in
            for number in [0, 5, 75, 820, 900, 1005] { list.write(hundredths: number) }
        }
        #expect(json.text == "[0,0.05,0.75,8.2,9,10.05]")
    }

    @Test func timestampsMatchFoundation() {
        let formatter = ISO8601DateFormatter()
        for seconds in [0, 951_782_400, 1_709_164_800, 1_793_000_000, 4_102_444_799] {
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(Timestamp.iso8601(microseconds: seconds * 1_000_000) == expected)
        }
        #expect(RateLimitHeaders.duration(milliseconds: 12) == "12ms")
        #expect(RateLimitHeaders.duration(milliseconds: 1500) == "1.5s")
        #expect(RateLimitHeaders.duration(milliseconds: 360_000) == "6m0s")
    }

    @Test func piecesJoinToTheWholeText() {
        let text = Array(String(repeating: "é😀a", count: 300).utf8)
        let pieces = ModelAnswer(text: text).pieces()
        #expect(pieces.count == 20)
        #expect(pieces.flatMap(\.self) == text)
        #expect(pieces.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
    }
}
