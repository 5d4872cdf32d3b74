/// Collects the text of messages by role and counts its bytes; texts count as joined by one line end.
struct MessageText {
    private(set) var system: [UInt8] = []
    private(set) var prompt: [UInt8] = []
    private(set) var byteCount = 0
    private var isEmpty = true

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
                if let text = block["text"]?.string { add(text, role: role) }
            }
        default: break
        }
    }

    mutating func add(_ text: String, role: String) {
        byteCount += text.utf8.count + (isEmpty ? 0 : 1)
        isEmpty = false
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
