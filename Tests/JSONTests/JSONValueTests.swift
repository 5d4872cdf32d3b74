import JSON
import Testing

@Suite struct JSONValueTests {
    private func failure(_ text: String) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: text)
            return nil
        } catch { return error }
    }

    private func failure(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "12", "-1.5e+10", "1E400", "\"\"", "[]", "{}", "[[],{}]",
        #"{"b":1,"a":[1,2.50,"x\n\"\\"],"c":{"d":null}}"#, #""é 😀 \u0001""#,
        "123456789012345678901234567890.000000000000000000001",
    ])
    func valuesSurviveReadingAndWriting(text: String) throws {
        #expect(try JSONValue(parsing: text).serialized() == text)
        let spaced = " \t\r\n" + text + "\n "
        #expect(try JSONValue(parsing: spaced).serialized() == text)
    }

    @Test func escapesAreDecoded() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83D\uDE00é""#)
        #expect(value.string == "\"\\/\u{8}\u{c}\n\r\tA\u{e9}€😀é")
    }

    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("nul", .unexpectedEnd, 3),
        ("nuLl", .unexpectedCharacter, 2), ("[1,]", .unexpectedCharacter, 3), ("[1 2]", .unexpectedCharacter, 3),
        ("{\"a\":1,}", .unexpectedCharacter, 7), ("{a:1}", .unexpectedCharacter, 1),
        ("{\"a\"}", .unexpectedCharacter, 4),
        ("[", .unexpectedEnd, 1), ("{\"a\":", .unexpectedEnd, 5), ("\"abc", .unexpectedEnd, 4),
        ("\"a\\", .unexpectedEnd, 3), ("\"\\u12", .unexpectedEnd, 5), ("1 1", .trailingData, 2),
        ("{}x", .trailingData, 2),
        ("01", .invalidNumber, 1), ("-", .unexpectedEnd, 1), ("-a", .invalidNumber, 1), ("1.", .unexpectedEnd, 2),
        ("1.e1", .invalidNumber, 2), ("1e", .unexpectedEnd, 2), ("1e+x", .invalidNumber, 3),
        ("+1", .unexpectedCharacter, 0),
        (".5", .unexpectedCharacter, 0), ("NaN", .unexpectedCharacter, 0), ("\"\\x\"", .invalidEscape, 1),
        ("\"\\u12g4\"", .invalidEscape, 1), ("\"ab\\uD800\"", .loneSurrogate, 3), ("\"\\uDC00\"", .loneSurrogate, 1),
        ("\"\\uD800\\u0041\"", .loneSurrogate, 1), ("\"\\uD800\\n\"", .loneSurrogate, 1),
        ("\"a\u{1}\"", .controlCharacter, 2), ("\"\\na\u{1f}\"", .controlCharacter, 4),
        ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, 13), ("\u{feff}1", .unexpectedCharacter, 0),
        ("'a'", .unexpectedCharacter, 0),
        ("// x\n1", .unexpectedCharacter, 0),
    ])
    func wrongTextIsRefusedWithItsPlace(text: String, code: JSONError.Code, offset: Int) {
        let error = failure(text)
        #expect(error?.code == code)
        #expect(error?.offset == offset)
    }

    @Test func invalidUTF8IsRefusedWithItsPlace() {
        #expect(failure([0x22, 0x61, 0xFF, 0x22]) == failure([0x22, 0x61, 0x80, 0x22]))
        #expect(failure([0x22, 0x61, 0xFF, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0x61, 0xFF, 0x22])?.offset == 2)
        #expect(failure([0x22, 0xC0, 0xAF, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0xED, 0xA0, 0x80, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0xE2, 0x82, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0x5C, 0x6E, 0xC3, 0xA9, 0xFF, 0x22])?.code == .invalidUTF8)
        #expect(failure([0x22, 0x5C, 0x6E, 0xFF, 0x22])?.offset == 3)
        #expect(failure([0x80])?.code == .unexpectedCharacter)
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(failure(nested(128)) == nil)
        #expect(failure(nested(129))?.code == .tooDeep)
        #expect(failure(nested(129))?.offset == 128)
        #expect(failure(String(repeating: "{\"a\":", count: 100_000))?.code == .tooDeep)
        // Siblings do not count.
        #expect(failure("[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]") == nil)
    }

    @Test func everyCutOfADocumentIsRefused() throws {
        let document = #"{"a":[1,-2.5e3,true,null],"é😀":"\uD83D\uDE00\n","b":{"c":[]}}"#
        let bytes = Array(document.utf8)
        for length in 0..<bytes.count {
            #expect(failure(Array(bytes[..<length])) != nil, "cut at \(length)")
        }
        #expect(failure(bytes) == nil)
    }

    @Test func anyMutatedByteIsHandled() {
        let bytes = Array(#"{"a":[1,-2.5e3,true,null],"é":"\uD83D\uDE00\n"}"#.utf8)
        for index in bytes.indices {
            for byte in UInt8.min...UInt8.max {
                var mutated = bytes
                mutated[index] = byte
                if let value = try? JSONValue(parsing: mutated) {
                    #expect((try? JSONValue(parsing: value.serialized())) == value)
                }
            }
        }
    }

    @Test func numbersKeepTheirTextAndCompareByValue() throws {
        func number(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }
        #expect(try number("1") == number("1.0"))
        #expect(try number("10e-1") == number("1"))
        #expect(try number("-0") == number("0"))
        #expect(try number("9007199254740993") != number("9007199254740992"))
        #expect(try number("1e99999999999999999999") != number("1e9"))
        #expect(try number("2.0").int == 2)
        #expect(try number("2e3").int == 2000)
        #expect(try number("2.5").int == nil)
        #expect(try number("9223372036854775807").int == .max)
        #expect(try number("-9223372036854775808").int == .min)
        #expect(try number("9223372036854775808").int == nil)
        #expect(try number("1e400").double == nil)
        #expect(try number("0.1").double == 0.1)
        #expect(JSONNumber(Double.nan) == nil)
    }

    @Test func objectsKeepOrderAndFindKeysAtAnySize() throws {
        var object = JSONObject()
        for index in 0..<100 { object["k\(99 - index)"] = .number(JSONNumber(index)) }
        #expect(object.keys.first == "k99")
        object["k50"] = nil
        object["k98"] = "changed"
        #expect(object.count == 99)
        #expect(object["k50"] == nil)
        #expect(object["k0"]?.int == 99)
        #expect(object.keys[1] == "k98")
        #expect(object["k98"]?.string == "changed")
        let text = JSONValue.object(object).serialized()
        #expect(try JSONValue(parsing: text) == .object(object))
        let many = "{" + (0..<50).map { "\"\($0)\":1" }.joined(separator: ",") + ",\"7\":2}"
        #expect(failure(many)?.code == .duplicateKey)
    }

    @Test func equalityIgnoresTheOrderOfMembers() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) == JSONValue(parsing: #"{"b":2.0,"a":1}"#))
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#) != JSONValue(parsing: #"{"b":2,"c":1}"#))
        let value: JSONValue = ["b": 1, "a": ["d": nil, "c": true]]
        #expect(value.serialized() == #"{"b":1,"a":{"d":null,"c":true}}"#)
        #expect(value.serialized(sortedKeys: true) == #"{"a":{"c":true,"d":null},"b":1}"#)
    }

    @Test func aPrefixEndsWhereItsValueEnds() throws {
        #expect(try JSONValue(prefixOf: #" {"a": [1, "}"]} and {prose"#.utf8) == ["a": [1, "}"]])
        #expect(try JSONValue(prefixOf: Array("[] []".utf8)[3...]) == [])
        #expect(throws: JSONError.self) { try JSONValue(prefixOf: #"{"a": 1"#.utf8) }
        #expect(throws: JSONError.self) { try JSONValue(prefixOf: "prose {}".utf8) }
    }
}
