import JSON

/// One tagged section of a prompt.
///
/// The scanner is tolerant: text between sections, unknown tags, missing attributes and tags that are never closed
/// are passed over. Values have `&`, `<` and `>` escaped, so a `<` inside a value cannot end a section.
struct ShownSection {
    let name: String
    let attributes: [(name: String, value: String)]
    private let inner: ArraySlice<UInt8>

    subscript(attribute: String) -> String? {
        attributes.first { $0.name == attribute }?.value
    }

    /// The sections directly inside.
    var children: [ShownSection] { Self.parse(inner) }

    func child(_ name: String) -> ShownSection? {
        children.first { $0.name == name }
    }

    /// The children of one name, in order.
    func children(_ name: String) -> [ShownSection] {
        children.filter { $0.name == name }
    }

    /// The texts of the items of a list section, such as the `finding`s of `key_findings`; blank ones are left out.
    func texts(of item: String, in list: String? = nil) -> [String] {
        let parent = list.map { child($0) } ?? self
        return parent?.children(item).map(\.text).filter { !$0.isEmpty } ?? []
    }

    /// The text of a child, unescaped; empty when there is none.
    func text(of name: String) -> String { child(name)?.text ?? "" }

    /// The text before the first child or cut, unescaped and without surrounding white space.
    var text: String {
        let end = ByteSearch.first(UInt8(ascii: "<"), in: inner, from: inner.startIndex) ?? inner.endIndex
        return Self.unescape(Self.trim(inner[inner.startIndex..<end]))
    }

    /// The JSON value inside, if it is one.
    var json: JSONValue? { try? JSONValue(parsing: text) }

    /// The sections at the top level of a text.
    static func parse(_ text: ArraySlice<UInt8>) -> [ShownSection] {
        var elements: [ShownSection] = []
        var position = text.startIndex
        while let open = ByteSearch.first(UInt8(ascii: "<"), in: text, from: position) {
            guard let tag = Tag(text, at: open) else {
                position = open + 1
                continue
            }
            if tag.isClosed {
                elements.append(ShownSection(name: tag.name, attributes: tag.attributes, inner: []))
                position = tag.end
            } else if let close = closing(tag.name, in: text, from: tag.end) {
                let inner = text[tag.end..<close]
                elements.append(ShownSection(name: tag.name, attributes: tag.attributes, inner: inner))
                position = close
            } else {
                position = tag.end
            }
        }
        return elements
    }

    private static func closing(_ name: String, in text: ArraySlice<UInt8>, from start: Int) -> Int? {
        ByteSearch.first(of: Array("</\(name)>".utf8), in: text, from: start)
    }

    private static func trim(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let byte = text.first, byte <= 0x20 { text.removeFirst() }
        while let byte = text.last, byte <= 0x20 { text.removeLast() }
        return text
    }

    static func unescape(_ text: ArraySlice<UInt8>) -> String {
        guard ByteSearch.first(UInt8(ascii: "&"), in: text, from: text.startIndex) != nil else {
            return String(decoding: text, as: UTF8.self)
        }
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            let rest = text[position...]
            if text[position] == UInt8(ascii: "&"), let entity = entities.first(where: { rest.starts(with: $0.name) }) {
                plain.append(entity.byte)
                position += entity.name.count
            } else {
                plain.append(text[position])
                position += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private static let entities: [(name: [UInt8], byte: UInt8)] = [
        (Array("&lt;".utf8), UInt8(ascii: "<")), (Array("&gt;".utf8), UInt8(ascii: ">")),
        (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&quot;".utf8), UInt8(ascii: "\"")),
        (Array("&apos;".utf8), UInt8(ascii: "'")), (Array("&#39;".utf8), UInt8(ascii: "'")),
    ]
}

/// An opening tag: `<name a="1" b="2">`.
private struct Tag {
    let name: String
    let attributes: [(name: String, value: String)]
    /// The first byte behind the tag.
    let end: Int
    let isClosed: Bool

    init?(_ text: ArraySlice<UInt8>, at open: Int) {
        var position = open + 1
        let nameStart = position
        while position < text.endIndex, Self.isNameByte(text[position]) { position += 1 }
        guard position > nameStart, position < text.endIndex else { return nil }
        name = String(decoding: text[nameStart..<position], as: UTF8.self)
        var attributes: [(name: String, value: String)] = []
        while position < text.endIndex {
            let byte = text[position]
            if byte == UInt8(ascii: ">") {
                isClosed = text[position - 1] == UInt8(ascii: "/")
                end = position + 1
                self.attributes = attributes
                return
            }
            if Self.isNameByte(byte), let attribute = Self.attribute(text, &position) {
                attributes.append(attribute)
            } else if byte == UInt8(ascii: "<") {
                return nil
            } else {
                position += 1
            }
        }
        return nil
    }

    private static func attribute(_ text: ArraySlice<UInt8>, _ position: inout Int) -> (name: String, value: String)? {
        let start = position
        var end = start
        while end < text.endIndex, isNameByte(text[end]) { end += 1 }
        guard end + 1 < text.endIndex, text[end] == UInt8(ascii: "="), text[end + 1] == UInt8(ascii: "\""),
            let quote = text[(end + 2)...].firstIndex(of: UInt8(ascii: "\""))
        else {
            position = end
            return nil
        }
        position = quote + 1
        let value = ShownSection.unescape(text[(end + 2)..<quote])
        return (String(decoding: text[start..<end], as: UTF8.self), value)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
