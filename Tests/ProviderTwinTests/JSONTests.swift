import Foundation
import Testing
import UTC

@testable import ProviderTwin

struct JSONTests {
    @Test func parserReadsWhatFoundationReads() throws {
        let text = #"{"a":[1,-2.5,1e3,true,false,null],"b":"x\"\\\/\b\f\n\r\té\ud83d\ude00","c":{},"d":[] }"#
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value["a"]?.array?.compactMap(\.number) == [1, -2.5, 1000])
        #expect(value["b"]?.string == "x\"\\/\u{8}\u{C}\n\r\té😀")
        #expect(value["c"]?.members?.isEmpty == true)
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\"}", "nul", "\"a", "1 2", "{\"a\":1,}", "\"\u{1}\"", "-"])
    func parserRefusesWhatIsNotJSON(text: String) {
        #expect(throws: TwinError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: TwinError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func writerEscapesEverything() throws {
        let nasty = (0..<0x80).map { String(Unicode.Scalar(UInt8($0))) }.joined() + "é😀\u{2028}"
        var json = JSONWriter()
        json.beginObject()
        json.field("text", nasty)
        json.key("numbers")
        json.beginArray()
        for number in [0, 75, 820, 900, 1005] { json.hundredths(number) }
        json.endArray()
        json.endObject()
        let object = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: Any]
        #expect(object?["text"] as? String == nasty)
        #expect(object?["numbers"] as? [Double] == [0, 0.75, 8.2, 9, 10.05])
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
