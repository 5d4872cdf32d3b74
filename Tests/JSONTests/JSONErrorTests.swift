import JSON
import Testing

/// What people and programs write instead of JSON, and what they are told.
@Suite struct JSONErrorTests {
    private func failure(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch { return error }
    }

    private func cause(_ text: String) -> String { failure(Array(text.utf8))?.cause ?? "accepted" }

    @Test(arguments: [
        // Commas, brackets, colons.
        (#"{"a":1,}"#, "a comma before the closing brace"), (#"[1,2,]"#, "a comma before the closing bracket"),
        (#"[1,,2]"#, "two commas in a row"), (#"[,1]"#, "a comma before the first value"),
        (#"{,"a":1}"#, "a comma before the first key"), (#"{"a" 1}"#, #"no colon after the key "a""#),
        (#"{"a"="b"}"#, #"an equals sign after the key "a""#), (#"{"a":}"#, "no value after the colon"),
        (#"{"a":,"b":1}"#, "no value after the colon"), (#"{"a"}"#, #"no colon and no value after the key "a""#),
        (#"{"a"::1}"#, "two colons in a row"), (#"["a":1]"#, "a key in an array"),
        (#""a":1"#, "a key outside of an object: { is missing"), (#"{"a":1 "b":2}"#, "no comma between two members"),
        ("[1 2]", "no comma between two values"), ("[{} {}]", "no comma between two values"),
        (#"{"a":1]"#, "a closing bracket where a closing brace is due"),
        ("[1}", "a closing brace where a closing bracket is due"),
        ("{}}", "a closing brace that nothing has opened"), ("]", "a closing bracket that nothing has opened"),
        (#"{"a":1;"b":2}"#, "a semicolon: values are separated by commas"), ("{}{}", "a second value after the first"),
        ("{},", "a comma after the value: only one value may stand here"), ("(1)", "a round bracket"),
        // Quotes.
        ("{'a':1}", "single quotes"), ("['a']", "single quotes"), ("[`a`]", "a backtick"),
        ("[\u{201C}a\u{201D}]", "typographic quotes"), ("{\u{AB}a\u{BB}:1}", "typographic quotes"),
        ("{title:1}", "the key title has no quotes"), ("{1:2}", "a number as a key"), ("[abc]", "text without quotes"),
        ("[ärger]", "text without quotes"), (#"[u"a"]"#, "a letter before the quotes"),
        (#"{"a":"say "hello" now"}"#, "text right after closing quotes: quotes inside a string are written \\\""),
        (#"["a"+"b"]"#, "strings joined by a plus sign"), (#"[\"a\"]"#, "a backslash outside of a string"),
        // Words and numbers.
        ("[NaN]", "NaN is not JSON: write null"), ("[nan]", "nan is not JSON: write null"),
        ("[Infinity]", "Infinity is not JSON: write null"), ("[-Infinity]", "-Infinity is not JSON: write null"),
        ("[None]", "None is not JSON: write null"), ("[undefined]", "undefined is not JSON: write null"),
        ("[True]", "True is not JSON: write true"), ("[FALSE]", "FALSE is not JSON: write false"),
        ("nuLl", "nuLl is not JSON: write null"), ("[nul]", "text without quotes"), ("[nullx]", "text without quotes"),
        ("[01]", "a leading zero"), ("[-01]", "a leading zero"), ("[+1]", "a plus sign"),
        ("[.5]", "no digit before the decimal point"), ("[-.5]", "no digit before the decimal point"),
        ("[5.]", "no digit after the decimal point"), ("[1e]", "no digit in the exponent"),
        ("[-]", "a minus sign without"),
        ("[--1]", "two minus signs"), ("[0x1F]", "a hexadecimal, octal or binary number"),
        ("0b1", "a hexadecimal, octal"),
        ("[1_000]", "an underscore in a number"), ("[2026-11-26]", "a number with other text right after it"),
        ("[12:30]", "a colon where a comma or the end is due"), ("[10%]", "a number with other text right after it"),
        ("[\u{2212}1]", "a typographic minus sign"), ("[...]", "three dots"),
        // Comments and white space.
        ("// x\n1", "a comment: JSON has none"), ("[1 /* x */]", "a comment: JSON has none"), ("# x\n[]", "a comment"),
        (#"{"a":1, // why"#, "a comment"), ("[1,\u{A0}2]", "an invisible character"),
        ("[1,\u{200B}2]", "an invisible character"), ("\u{FEFF}[]", "a byte order mark before the value"),
        ("[\u{C}1]", "the control character U+000C between values"),
        // Strings.
        ("[\"a\nb\"]", "a line break inside a string"), ("[\"a\tb\"]", "a tab inside a string"),
        ("[\"a\u{1}b\"]", "the control character U+0001 inside a string: write \\u0001"),
        (#"["C:\dir"]"#, #"a backslash itself is written \\"#), (#"["it\'s"]"#, "single quotes need no backslash"),
        (#"["\u12g4"]"#, "without four hexadecimal digits"), (#"["\x41"]"#, #"write \u and four"#),
        (#"["\uD83D"]"#, "half of a surrogate pair"), ("[\"a\\\nb\"]", "a line break after a backslash"),
        // Keys.
        (#"{"x":1,"y":2,"x":3}"#, #"the key "x" is there twice"#),
        (#"{"a\"b":1,"a\"b":2}"#, #"the key "a\"b" is there"#),
        // The end.
        ("", "the text is empty"), (" \n", "the text is empty"), (#"{"a":1"#, "an object is open: } is missing"),
        (#"[1,[2]"#, "an array is open: ] is missing"),
        (#"{"a":"b"#, "the quotes opened at line 1, column 6 are not closed"),
        (#"{"a"#, "inside a key"), (#"{"a""#, #"after the key "a": a colon and a value are missing"#),
        (#"{"a":"#, "after a colon"), ("[tru", "inside a number or a word"), ("[1.", "inside a number or a word"),
        // Something else altogether.
        ("<html></html>", "begins like XML or HTML"), ("PK\u{3}\u{4}x", "a ZIP archive"),
        ("```json\n{}\n```", "a code fence"),
        (String(repeating: "[", count: 200), "more than 128 arrays and objects"),
    ])
    func theCauseIsSaidInWords(text: String, words: String) {
        #expect(cause(text).contains(words), "\(cause(text))")
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x7B, 0x00], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x7B], "UTF-16"),
            ([0x7B, 0x00, 0x7D, 0x00], "UTF-16"),
            ([0x00, 0x7B, 0x00, 0x7D], "UTF-16"), ([0x1F, 0x8B, 0x08, 0x00], "gzip"),
            ([0x5B, 0xE4, 0x5D], "another encoding"),
            ([0x22, 0x61, 0xE4, 0x22], "bytes that are not UTF-8"), ([0x5B, 0x00, 0x00, 0x5D], "UTF-16"),
        ] as [([UInt8], String)])
    func otherEncodingsAreNamed(bytes: [UInt8], words: String) {
        #expect(failure(bytes)?.cause.contains(words) == true, "\(failure(bytes)?.cause ?? "accepted")")
    }

    @Test func thePlaceIsGivenInLinesAndCharacters() {
        let error = failure(Array("{\n  \"é😀\": 1,\n  \"ä\": [1, 2,]\n}".utf8))
        #expect(error?.line == 3)
        #expect(error?.column == 14)
        #expect(error?.description == "line 3, column 14: a comma before the closing bracket")
        #expect(failure(Array("[1,]".utf8))?.inLine == "column 4: a comma before the closing bracket")
    }

    /// A fault anywhere is explained without a trap and without the values around it.
    @Test func noValueIsEverQuoted() {
        let secret = "hunter2"
        let texts = [
            #"{"k":"hunter2",}"#, #"{"k":hunter2}"#, #"{"k":"hunter2"#, #"["hunter2" "hunter2"]"#, "[hunter2]",
            #"{"k":'hunter2'}"#, #"{"k":"hun\qter2"}"#, #"{"k":"hunter2","k":"hunter2"}"#, "[12hunter2]", "hunter2",
            #"{"k":"a" hunter2}"#, #"{"k":"a"hunter2}"#,
        ]
        for text in texts {
            let error = failure(Array(text.utf8))
            #expect(error != nil && error?.description.contains(secret) == false, "\(text): \(error.debugDescription)")
        }
    }

    @Test func everyCutAndEveryChangedByteIsExplained() {
        let bytes = Array(#"{"a":[1,-2.5e3,true,null],"é":"\uD83D\uDE00\n","b":{}}"#.utf8)
        for index in bytes.indices {
            #expect(failure(Array(bytes[..<index]))?.cause.isEmpty == false)
            for byte in UInt8.min...UInt8.max {
                var changed = bytes
                changed[index] = byte
                if let error = failure(changed) { #expect(!error.cause.isEmpty && error.column > 0) }
            }
        }
    }
}
