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
        let endsBlank = text.utf8.last.map { $0 == 0x20 || $0 == 0x09 } ?? false
        guard endsBlank || text.utf8.contains(0x0D) || text.contains(" \n") || text.contains("\t\n") else {
            return text
        }
        let lines = text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            var line = line
            while line.last == " " || line.last == "\t" || line.last == "\r" { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
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
        text.utf8.reduce(0) { $0 + escapedSize(of: $1) }
    }

    static func escapedSize(of byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "&"): 5
        case UInt8(ascii: "<"), UInt8(ascii: ">"): 4
        default: 1
        }
    }

    /// In runs of bytes that stay as they are, and the entities between them. Attributes hold no quotes and no line ends.
    private static func escape(_ text: String, isAttribute: Bool, _ write: (ArraySlice<UInt8>) -> Void) {
        let bytes = Array(text.utf8)
        var start = 0
        for (index, byte) in bytes.enumerated() {
            let entity: String
            switch byte {
            case UInt8(ascii: "&"): entity = "&amp;"
            case UInt8(ascii: "<"): entity = "&lt;"
            case UInt8(ascii: ">"): entity = "&gt;"
            case UInt8(ascii: "\"") where isAttribute: entity = "'"
            case 0x0A where isAttribute, 0x0D where isAttribute: entity = " "
            default: continue
            }
            write(bytes[start..<index])
            write(ArraySlice(entity.utf8))
            start = index + 1
        }
        write(bytes[start...])
    }
}
