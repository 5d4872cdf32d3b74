/// Collects the header and body frames that follow a delivery or a return on one channel.
struct ContentAssembly {
    private var header: ContentHeader?
    private var body: [UInt8] = []

    /// Whether a message is being read.
    private(set) var isOpen = false

    mutating func begin() {
        self = ContentAssembly()
        isOpen = true
    }

    /// The whole message if the header says that it has no body.
    mutating func append(_ header: ContentHeader) -> (ContentHeader, [UInt8])? {
        self.header = header
        return finishIfComplete()
    }

    /// The whole message if this was its last fragment.
    mutating func append(_ fragment: [UInt8]) -> (ContentHeader, [UInt8])? {
        if body.isEmpty { body = fragment } else { body.append(contentsOf: fragment) }
        return finishIfComplete()
    }

    private mutating func finishIfComplete() -> (ContentHeader, [UInt8])? {
        guard isOpen, let header, body.count >= header.bodySize else { return nil }
        let content = (header, body)
        self = ContentAssembly()
        return content
    }
}
