import Logging

/// Metadata as the flat list of fields of a log line.
struct LogFields {
    private static let reserved: Set<String> = ["time", "level", "message", "process", "name", "source"]

    private struct Field {
        var key: String
        var depth: Int
        var value: Logger.MetadataValue
    }

    private var fields: [Field] = []

    init(_ metadata: Logger.Metadata) {
        fields.reserveCapacity(metadata.count)
        for (key, value) in metadata {
            add(Self.reserved.contains(key) ? "metadata.\(key)" : key, value, depth: 0)
        }
        // Equal keys stand together, the one that was written flat first.
        fields.sort { ($0.key, $0.depth) < ($1.key, $1.depth) }
    }

    private mutating func add(_ key: String, _ value: Logger.MetadataValue, depth: Int) {
        if case .dictionary(let nested) = value, !SecretName.covers(key.utf8, value: "".utf8) {
            for (inner, value) in nested { add("\(key).\(inner)", value, depth: depth + 1) }
        } else {
            fields.append(Field(key: key, depth: depth, value: value))
        }
    }

    /// Appends `,"key":value` for each field; a key never appears twice.
    func append(to text: inout JSONText) {
        var previous: String?
        for field in fields where field.key != previous {
            previous = field.key
            text.append(raw: ",")
            Self.append(key: field.key, field.value, to: &text)
        }
    }

    private static func append(key: String, _ value: Logger.MetadataValue, to text: inout JSONText) {
        text.append(string: key)
        text.append(raw: ":")
        append(value, key: key, to: &text)
    }

    private static func append(_ value: Logger.MetadataValue, key: String, to text: inout JSONText) {
        switch value {
        case .string(let string):
            append(string, key: key, to: &text)
        case .stringConvertible(let convertible):
            let string = convertible.description
            if isJSONScalar(convertible), !SecretName.covers(key.utf8, value: string.utf8) {
                text.append(ascii: string)
            } else {
                append(string, key: key, to: &text)
            }
        case .array(let values):
            text.append(raw: "[")
            for (index, value) in values.enumerated() {
                if index > 0 { text.append(raw: ",") }
                append(value, key: key, to: &text)
            }
            text.append(raw: "]")
        case .dictionary(let nested):
            guard !SecretName.covers(key.utf8, value: "".utf8) else { return text.append(string: SecretScrubber.mask) }
            text.append(raw: "{")
            for (index, item) in nested.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text.append(raw: ",") }
                append(key: item.key, item.value, to: &text)
            }
            text.append(raw: "}")
        }
    }

    private static func append(_ string: String, key: String, to text: inout JSONText) {
        let isSecret = SecretName.covers(key.utf8, value: string.utf8)
        text.append(string: isSecret ? SecretScrubber.mask : SecretScrubber.scrub(string))
    }

    /// Whether the description is a JSON number or truth value as it stands.
    private static func isJSONScalar(_ value: any CustomStringConvertible & Sendable) -> Bool {
        switch value {
        case is Bool: true
        case let double as Double: double.isFinite
        case let float as Float: float.isFinite
        case is any FixedWidthInteger: true
        default: false
        }
    }
}
