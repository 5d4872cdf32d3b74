/// Why a text is not JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong at the offset.
    public enum Code: String, Sendable {
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
    public let code: Code
    /// Where, in bytes from the start.
    public let offset: Int

    /// The same text stays wrong.
    public var isRetriable: Bool { false }

    /// Never quotes the text, so it is safe to log.
    public var description: String { "\(code.rawValue) at byte \(offset)" }
}
