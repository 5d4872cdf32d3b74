import JSON

/// Finds a JSON schema that is written into a system prompt, for endpoints that take none.
enum SchemaInText {
    /// The value of the first `"title"` member in the text.
    static func title(in text: [UInt8]) -> String? {
        guard let start = find(Array("\"title\"".utf8), in: text) else { return nil }
        let rest = text[start...].drop { $0 != UInt8(ascii: ":") }.dropFirst().drop { $0 <= 0x20 }
        guard let quote = rest.first, quote == UInt8(ascii: "\"") else { return nil }
        return String(decoding: rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// The first JSON object in the text that has `properties`.
    static func schema(in text: [UInt8]) -> JSONValue? {
        guard find(Array("\"properties\"".utf8), in: text) != nil else { return nil }
        var position = 0
        while let open = text[position...].firstIndex(of: UInt8(ascii: "{")) {
            if let value = try? JSONValue(prefixOf: text[open...]), value["properties"]?.object != nil {
                return value
            }
            position = open + 1
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in text: [UInt8]) -> Int? {
        guard let first = pattern.first else { return nil }
        var position = 0
        while let start = text[position...].firstIndex(of: first) {
            if text[start...].starts(with: pattern) { return start + pattern.count }
            position = start + 1
        }
        return nil
    }
}
