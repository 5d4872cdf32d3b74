/// Why a text is not JSON.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong at the offset.
    package enum Code: String, Sendable {
        case unexpectedEnd = "unexpected end"
        case unexpectedCharacter = "unexpected character"
        case invalidNumber = "invalid number"
        case invalidEscape = "invalid escape"
        case loneSurrogate = "lone surrogate"
        case controlCharacter = "unescaped control character"
        case invalidUTF8 = "invalid UTF-8"
        case duplicateKey = "duplicate key"
        case tooDeep = "nested too deeply"
        case trailingData = "text after the value"
    }

    /// The first fault; reading stops there.
    package let code: Code
    /// Where, in bytes from the start.
    package let offset: Int
    /// Where, in lines from 1.
    package let line: Int
    /// Where, in Unicode characters of the line from 1.
    package let column: Int
    /// The fault in words, such as `a comma before the closing brace`. Names keys, quotes no values.
    package let cause: String

    init(_ fault: JSONFault, in bytes: UnsafeBufferPointer<UInt8>) {
        code = fault.code
        offset = fault.offset
        let before = bytes[..<min(fault.offset, bytes.count)]
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        column = 1 + before[lineStart...].count { $0 & 0xC0 != 0x80 }
        cause = JSONFaultWords(fault, in: bytes).text
    }

    /// Quotes keys but no values, so it is safe to log.
    package var description: String { "line \(line), column \(column): \(cause)" }

    /// The same for a text that is a line itself, whose number is told elsewhere.
    package var inLine: String { line == 1 ? "column \(column): \(cause)" : description }
}

/// Where reading stopped, and for which kind of reason.
struct JSONFault: Error {
    var code: JSONError.Code
    var offset: Int
}
