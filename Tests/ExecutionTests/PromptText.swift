/// A prompt read from outside: the elements at its top level, found by their brackets alone.
struct PromptText {
    struct Element: Equatable {
        var tag: String
        /// As they stand: ` a="b"`.
        var attributes: String
        /// Between the tags, escaped.
        var inner: String
    }

    let elements: [Element]

    init(_ text: String) {
        var elements: [Element] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "<"), let end = rest[open...].firstIndex(of: ">") {
            let head = rest[rest.index(after: open)..<end]
            let tag = head.prefix { $0 != " " && $0 != "/" }
            if head.hasSuffix("/") {
                elements.append(
                    Element(tag: String(tag), attributes: String(head.dropFirst(tag.count).dropLast()), inner: ""))
                rest = rest[rest.index(after: end)...]
                continue
            }
            let body = rest[rest.index(after: end)...]
            guard let close = body.firstRange(of: "</\(tag)>") else { break }
            elements.append(
                Element(
                    tag: String(tag), attributes: String(head.dropFirst(tag.count)),
                    inner: String(body[..<close.lowerBound])))
            rest = body[close.upperBound...]
        }
        self.elements = elements
    }

    subscript(tag: String) -> [Element] { elements.filter { $0.tag == tag } }

    /// Tags in the order in which they first stand.
    var tags: [String] {
        elements.reduce(into: []) { tags, element in
            if !tags.contains(element.tag) { tags.append(element.tag) }
        }
    }
}
