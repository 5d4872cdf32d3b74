import JSON

/// Collects the text of messages by role and counts its bytes; texts count as joined by one line end.
struct MessageText {
    private(set) var system: [UInt8] = []
    private(set) var prompt: [UInt8] = []
    private(set) var byteCount = 0
    private(set) var borders: [CacheBorder] = []
    private var isEmpty = true
    private var prefix = StableHash(0)

    mutating func add(message: JSONValue) {
        guard let content = message["content"] else { return }
        add(content: content, role: message["role"]?.string ?? "user")
    }

    /// Content is one text or a list of blocks, of which those with text count.
    mutating func add(content: JSONValue, role: String) {
        switch content {
        case .string(let text): add(text, role: role)
        case .array(let blocks):
            for block in blocks {
                guard let text = block["text"]?.string else { continue }
                add(text, role: role, isMarked: block["prompt_cache_breakpoint"].map { !$0.isNull } ?? false)
            }
        default: break
        }
    }

    mutating func add(_ text: String, role: String, isMarked: Bool = false) {
        byteCount += text.utf8.count + (isEmpty ? 0 : 1)
        isEmpty = false
        prefix.combine(role)
        prefix.combine(text)
        borders.append(
            CacheBorder(tokens: Tokenizer.tokens(bytes: byteCount), hash: prefix.value, isMarked: isMarked))
        if role == "system" || role == "developer" {
            Self.append(text, to: &system)
        } else {
            Self.append(text, to: &prompt)
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        if !bytes.isEmpty { bytes.append(0x0A) }
        bytes.append(contentsOf: text.utf8)
    }
}
