/// Writes JSON text piece by piece: request bodies and stored documents, without building a tree first.
///
/// The caller keeps brackets and keys balanced; commas are put where they belong.
package struct JSONWriter: Sendable {
    /// What has been written so far, UTF-8.
    package private(set) var bytes: [UInt8] = []
    /// Whether the next value or key of the innermost bracket follows another one.
    private var needsComma = false

    /// Nothing written yet.
    ///
    /// - Parameter capacity: bytes to expect; a wrong guess only costs a copy.
    package init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// What has been written so far.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Opens an object: members follow, with ``key(_:)`` and a value each, up to ``endObject()``.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array: elements follow, up to ``endArray()``.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes an object whose members the closure writes with ``key(_:)`` and a value each.
    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        beginObject()
        members(&self)
        endObject()
    }

    /// Writes an array whose elements the closure writes.
    package mutating func array(_ elements: (inout JSONWriter) -> Void) {
        beginArray()
        elements(&self)
        endArray()
    }

    /// Writes a key; its value comes next.
    package mutating func key(_ name: String) {
        write(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a string, quoted and escaped.
    package mutating func write(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { append(escaping: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string, quoted and escaped, from its UTF-8.
    package mutating func write(utf8 text: some Collection<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let isDone: Void? = text.withContiguousStorageIfAvailable { append(escaping: $0) }
        if isDone == nil { Array(text).withUnsafeBufferPointer { append(escaping: $0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a whole number.
    package mutating func write(_ value: Int) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Infinities and NaN, which JSON cannot express, become null.
    package mutating func write(_ value: Double) {
        separate()
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    /// Writes a truth value.
    package mutating func write(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes `null`; an absent member is one that is not written.
    package mutating func writeNull() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// Writes a text that is one JSON value already.
    package mutating func write(json text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Adds text as it is: brackets, prepared members, what frames an event. The comma after it is put where the last
    /// character wants one.
    package mutating func append(raw text: String) { append(raw: text.utf8) }

    /// Adds UTF-8 as ``append(raw:)-(String)`` adds text.
    package mutating func append(raw text: some Collection<UInt8>) {
        bytes.append(contentsOf: text)
        switch bytes.last {
        case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: " "),
            UInt8(ascii: "\n"):
            needsComma = false
        default: needsComma = true
        }
    }

    /// Writes a value.
    ///
    /// - Parameter sortedKeys: whether the members of objects are ordered by key.
    package mutating func write(_ value: JSONValue, sortedKeys: Bool = false) {
        switch value {
        case .null: writeNull()
        case .bool(let value): write(value)
        case .number(let number): write(json: number.text)
        case .string(let text): write(text)
        case .array(let elements):
            array { writer in
                for element in elements { writer.write(element, sortedKeys: sortedKeys) }
            }
        case .object(let object):
            let members = sortedKeys ? object.members.sorted { $0.key < $1.key } : object.members
            self.object { writer in
                for member in members {
                    writer.key(member.key)
                    writer.write(member.value, sortedKeys: sortedKeys)
                }
            }
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
        var runStart = 0
        for position in 0..<text.count {
            let byte = text[position]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: text[runStart..<position])
            runStart = position + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
            case 0x08: bytes.append(UInt8(ascii: "b"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0C: bytes.append(UInt8(ascii: "f"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            default:
                bytes.append(contentsOf: "u00".utf8)
                for digit in [byte >> 4, byte & 15] {
                    bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            }
        }
        bytes.append(contentsOf: text[runStart...])
    }
}
