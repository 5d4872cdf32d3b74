/// A tagged element of a prompt: attributes, a text, elements inside.
///
/// Whatever users or models wrote is text or an attribute's value and is escaped when it is written out, so that no text
/// can close its element and pose as an instruction.
struct PromptElement: Sendable, Equatable {
    /// What may be done to the element's text to make it smaller.
    enum Part: Sendable, Equatable {
        /// Nothing.
        case fixed
        /// Markdown or prose: cut by blocks.
        case body
        /// A JSON value: cut by elements of its lists.
        case json
        /// The task's context: an object that loses members.
        case context
    }

    var tag: String
    var attributes: [(name: String, value: String)]
    /// Before the elements inside.
    var text: String
    var part: Part
    var children: [PromptElement]

    init(
        _ tag: String, _ attributes: [(name: String, value: String)] = [], text: String = "", part: Part = .fixed,
        children: [PromptElement] = []
    ) {
        self.tag = tag
        self.attributes = attributes
        self.text = Self.canonical(text)
        self.part = part
        self.children = children
    }

    /// A list: an element that holds one element per text; nil if there are none.
    static func list(_ tag: String, of item: String, _ texts: [String]) -> PromptElement? {
        texts.isEmpty ? nil : PromptElement(tag, children: texts.map { PromptElement(item, text: $0) })
    }

    /// Nothing to say: neither text nor elements nor attributes.
    var isEmpty: Bool { attributes.isEmpty && children.isEmpty && text.allSatisfy(\.isWhitespace) }

    static func == (left: PromptElement, right: PromptElement) -> Bool {
        left.tag == right.tag && left.text == right.text && left.part == right.part && left.children == right.children
            && left.attributes.elementsEqual(right.attributes) { $0 == $1 }
    }

    /// One spelling for one text: equal material gives equal bytes, which caches at the providers rest on. Line ends are
    /// line feeds, and lines end without blanks.
    private static func canonical(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in isCanonical(bytes) ? nil : canonical(bytes) } ?? text
    }

    private static func isCanonical(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var lineStart = bytes.startIndex
        while let lineEnd = bytes[lineStart...].firstIndex(of: lineFeed) {
            if lineEnd > lineStart, isBlank(bytes[lineEnd - 1]) { return false }
            lineStart = lineEnd + 1
        }
        return bytes.last.map { !isBlank($0) } ?? true
    }

    private static func canonical(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == lineFeed { while let last = kept.last, isBlank(last) { kept.removeLast() } }
            kept.append(byte)
        }
        while let last = kept.last, isBlank(last) { kept.removeLast() }
        return String(decoding: kept, as: UTF8.self)
    }

    private static let lineFeed = UInt8(ascii: "\n")

    /// Space, tab, carriage return.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

extension PromptElement {
    /// The element as it stands in a prompt.
    var rendered: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: tag.utf8)
        for (name, value) in attributes {
            bytes.append(contentsOf: " \(name)=\"".utf8)
            Self.escape(value, isAttribute: true) { bytes.append(contentsOf: $0) }
            bytes.append(UInt8(ascii: "\""))
        }
        if text.isEmpty && children.isEmpty {
            bytes.append(contentsOf: "/>".utf8)
            return
        }
        bytes.append(UInt8(ascii: ">"))
        Self.escape(text, isAttribute: false) { bytes.append(contentsOf: $0) }
        for child in children { child.write(to: &bytes) }
        bytes.append(contentsOf: "</\(tag)>".utf8)
    }

    /// Bytes of ``rendered``.
    var size: Int {
        var size = tag.utf8.count + 1
        for (name, value) in attributes { size += name.utf8.count + 4 + Self.escapedSize(value) }
        if text.isEmpty && children.isEmpty { return size + 2 }
        size += tag.utf8.count + 4 + Self.escapedSize(text)
        return children.reduce(size) { $0 + $1.size }
    }

    static func escapedSize(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var size = bytes.count
            for byte in bytes { size += escapedSize(of: byte) - 1 }
            return size
        }
    }

    static func escapedSize(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "&"): 5
        case UInt8(ascii: "<"), UInt8(ascii: ">"): 4
        default: 1
        }
    }

    /// In runs of bytes that stay as they are, and the entities between them. Attributes hold no quotes and no line ends.
    private static func escape(
        _ text: String, isAttribute: Bool, _ write: (Slice<UnsafeBufferPointer<UInt8>>) -> Void
    ) {
        var text = text
        text.withUTF8 { escape($0, isAttribute: isAttribute, write) }
    }

    private static func escape(
        _ bytes: UnsafeBufferPointer<UInt8>, isAttribute: Bool, _ write: (Slice<UnsafeBufferPointer<UInt8>>) -> Void
    ) {
        var start = 0
        for (index, byte) in bytes.enumerated() {
            var entity: String
            switch byte {
            case UInt8(ascii: "&"): entity = "&amp;"
            case UInt8(ascii: "<"): entity = "&lt;"
            case UInt8(ascii: ">"): entity = "&gt;"
            case UInt8(ascii: "\"") where isAttribute: entity = "'"
            case 0x0A where isAttribute, 0x0D where isAttribute: entity = " "
            default: continue
            }
            write(bytes[start..<index])
            entity.withUTF8 { write($0[...]) }
            start = index + 1
        }
        write(bytes[start...])
    }
}
