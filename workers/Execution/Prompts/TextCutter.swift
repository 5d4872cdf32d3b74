import FleetCore
import JSON

/// Makes one text smaller in ways that leave it readable. Sizes are bytes after escaping.
enum TextCutter {
    /// Markdown by blocks: headings and the first block under each come first, then the other blocks in order. A block is
    /// a paragraph, a list, a table or a fenced piece of code: none is cut inside, unless it is all there is.
    static func body(_ text: String, to limit: Int) -> String {
        guard PromptElement.escapedSize(text) > limit else { return text }
        let blocks = blocks(of: text)
        var kept = Set<Int>()
        var size = 0
        func take(_ index: Int) -> Bool {
            let more = PromptElement.escapedSize(blocks[index].text) + 2
            guard size + more <= limit else { return false }
            size += more
            kept.insert(index)
            return true
        }
        var isFirst = true
        for index in blocks.indices {
            if blocks[index].isHeading || isFirst { _ = take(index) }
            isFirst = blocks[index].isHeading
        }
        for index in blocks.indices where !kept.contains(index) {
            guard take(index) else { break }
        }
        guard !kept.isEmpty else { return prefix(of: text, to: limit) }
        return kept.sorted().map { blocks[$0].text }.joined(separator: "\n\n")
    }

    /// As much of the beginning as fits, to the end of a line or else of a word.
    static func prefix(of text: String, to limit: Int) -> String {
        let bytes = text.utf8
        var size = 0
        var end = bytes.startIndex
        var lineEnd: String.Index?
        var wordEnd: String.Index?
        while end != bytes.endIndex {
            size += PromptElement.escapedSize(of: bytes[end])
            guard size <= limit else { break }
            if bytes[end] == UInt8(ascii: "\n") { lineEnd = end }
            if bytes[end] == UInt8(ascii: " ") { wordEnd = end }
            end = bytes.index(after: end)
        }
        guard end != bytes.endIndex else { return text }
        let length = bytes.distance(from: bytes.startIndex, to: end)
        // A long last line is worth more than a clean end.
        for place in [lineEnd, wordEnd] {
            guard let place, bytes.distance(from: place, to: end) * 4 < length else { continue }
            return String(text[..<place])
        }
        // Never inside a character.
        while end > bytes.startIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
        return String(text[..<end])
    }

    /// A JSON value without the last elements of its longest lists, so that it stays JSON; a text that is none, or that
    /// has no lists to shorten, by its beginning.
    static func json(_ text: String, to limit: Int) -> String {
        guard var value = try? JSONValue(parsing: text) else { return prefix(of: text, to: limit) }
        var size = PromptElement.escapedSize(text)
        while size > limit, let path = longestList(in: value), let dropped = dropLast(of: &value, at: path[...]) {
            size -= dropped
        }
        let shortened = value.serialized(sortedKeys: true)
        return PromptElement.escapedSize(shortened) <= limit ? shortened : prefix(of: shortened, to: limit)
    }

    /// An object without its largest members.
    static func context(_ text: String, to limit: Int) -> String {
        guard let object = (try? JSONValue(parsing: text))?.object else { return prefix(of: text, to: limit) }
        let sizes = object.members.map { member in
            PromptElement.escapedSize(JSONValue.string(member.key).serialized())
                + PromptElement.escapedSize(member.value.serialized()) + 2
        }
        var size = sizes.reduce(2, +)
        var dropped: Set<Int> = []
        for index in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) where size > limit {
            dropped.insert(index)
            size -= sizes[index]
        }
        var kept = JSONObject()
        for (index, member) in object.members.enumerated() where !dropped.contains(index) {
            kept[member.key] = member.value
        }
        return kept.isEmpty ? "" : JSONValue.object(kept).serialized(sortedKeys: true)
    }

    // MARK: - Blocks

    private static func blocks(of text: String) -> [(text: String, isHeading: Bool)] {
        var blocks: [(text: String, isHeading: Bool)] = []
        var lines: [Substring] = []
        var isFenced = false
        func close() {
            if !lines.isEmpty { blocks.append((lines.joined(separator: "\n"), false)) }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") || line.hasPrefix("~~~") {
                if !isFenced { close() }
                lines.append(line)
                if isFenced { close() }
                isFenced.toggle()
            } else if isFenced {
                lines.append(line)
            } else if line.hasPrefix("#") {
                close()
                blocks.append((String(line), true))
            } else if line.allSatisfy(\.isWhitespace) {
                close()
            } else {
                lines.append(line)
            }
        }
        close()
        return blocks
    }

    // MARK: - Lists

    private enum Step {
        case key(String)
        case index(Int)
    }

    /// Of all lists with more than one element, the way to the one that takes most room.
    private static func longestList(in value: JSONValue) -> [Step]? {
        var best: (path: [Step], size: Int)?
        func look(_ value: JSONValue, _ path: [Step]) {
            switch value {
            case .array(let elements):
                if elements.count > 1 {
                    let size = value.serialized().utf8.count
                    if size > best?.size ?? 0 { best = (path, size) }
                }
                // What is inside a list of one may be shortened; of longer ones the list itself is.
                if elements.count == 1 { look(elements[0], path + [.index(0)]) }
            case .object(let object): for member in object.members { look(member.value, path + [.key(member.key)]) }
            default: break
            }
        }
        look(value, [])
        return best?.path
    }

    /// Drops the last element of a list; bytes that it took, nil if there is no such list.
    private static func dropLast(of value: inout JSONValue, at path: ArraySlice<Step>) -> Int? {
        switch (path.first, value) {
        case (nil, .array(var elements)):
            guard let last = elements.popLast() else { return nil }
            value = .array(elements)
            return PromptElement.escapedSize(last.serialized()) + 1
        case (.key(let key), .object(var object)):
            guard var member = object[key], let dropped = dropLast(of: &member, at: path.dropFirst()) else {
                return nil
            }
            object[key] = member
            value = .object(object)
            return dropped
        case (.index(let index), .array(var elements)):
            guard let dropped = dropLast(of: &elements[index], at: path.dropFirst()) else { return nil }
            value = .array(elements)
            return dropped
        default: return nil
        }
    }
}
