/// The twin's tokenizer: a token is 4 UTF-8 bytes, a rest counts as one.
///
/// Input is all text of the system prompt or instructions and of every message, joined by one line end and rounded
/// once; the JSON schema and the envelope cost nothing. Output is the answer text and the reasoning before it.
enum Tokenizer {
    static let bytesPerToken = 4

    static func tokens(bytes: Int) -> Int { (bytes + bytesPerToken - 1) / bytesPerToken }
}
