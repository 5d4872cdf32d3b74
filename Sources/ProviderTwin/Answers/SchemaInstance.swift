/// A valid instance of any JSON schema the providers accept: objects, arrays, scalars, enum, const, anyOf, oneOf,
/// allOf, and `$ref` inside the document.
struct SchemaInstance {
    let root: JSONValue
    var dice: Draws

    private static let deepest = 12

    mutating func make() -> [UInt8] {
        var json = JSONWriter()
        write(root, name: "value", depth: 0, to: &json)
        return json.bytes
    }

    private mutating func write(_ schema: JSONValue, name: String, depth: Int, to json: inout JSONWriter) {
        let schema = resolved(schema)
        if let constant = schema["const"] { return json.json(constant) }
        if let values = schema["enum"]?.array, !values.isEmpty { return json.json(values[dice.pick(values.count)]) }
        for keyword in ["anyOf", "oneOf"] {
            if let choices = schema[keyword]?.array, let choice = pick(choices, depth: depth) {
                return write(choice, name: name, depth: depth + 1, to: &json)
            }
        }
        if let parts = schema["allOf"]?.array, !parts.isEmpty {
            let members = parts.flatMap { resolved($0).members ?? [] }
            return write(.object(members), name: name, depth: depth + 1, to: &json)
        }
        switch type(of: schema, depth: depth) {
        case "object": writeObject(schema, depth: depth, to: &json)
        case "array": writeArray(schema, name: name, depth: depth, to: &json)
        case "integer": json.integer(Int(bounded(schema)))
        case "number": json.json(.number(bounded(schema)))
        case "boolean": json.bool(dice.pick(2) == 1)
        case "null": json.null()
        default: json.string(text(schema, name: name))
        }
    }

    private mutating func writeObject(_ schema: JSONValue, depth: Int, to json: inout JSONWriter) {
        let required = Set(schema["required"]?.strings ?? [])
        json.beginObject()
        for (name, property) in schema["properties"]?.members ?? [] {
            if depth >= Self.deepest, !required.contains(name) { continue }
            json.key(name)
            write(property, name: name, depth: depth + 1, to: &json)
        }
        json.endObject()
    }

    private mutating func writeArray(_ schema: JSONValue, name: String, depth: Int, to json: inout JSONWriter) {
        let least = schema["minItems"]?.integer ?? 0
        let most = schema["maxItems"]?.integer ?? Int.max
        let wanted = depth >= Self.deepest / 2 ? 0 : 1 + dice.pick(3)
        json.beginArray()
        for _ in 0..<min(max(wanted, least), most) {
            write(schema["items"] ?? .object([("type", .string("string"))]), name: name, depth: depth + 1, to: &json)
        }
        json.endArray()
    }

    /// Deep inside a recursive schema the way out is the first choice that ends.
    private mutating func pick(_ choices: [JSONValue], depth: Int) -> JSONValue? {
        if depth >= Self.deepest / 2 {
            let leaf = choices.first { resolved($0)["type"]?.string == "null" } ?? choices.first { $0["$ref"] == nil }
            if let leaf { return leaf }
        }
        return choices.first { resolved($0)["type"]?.string != "null" } ?? choices.first
    }

    private func type(of schema: JSONValue, depth: Int) -> String {
        if let type = schema["type"]?.string { return type }
        if let types = schema["type"]?.strings, !types.isEmpty {
            if depth >= Self.deepest / 2, types.contains("null") { return "null" }
            return types.first { $0 != "null" } ?? "null"
        }
        return schema["properties"] != nil ? "object" : schema["items"] != nil ? "array" : "string"
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        var schema = schema
        for _ in 0..<8 {
            guard let reference = schema["$ref"]?.string, reference.hasPrefix("#") else { break }
            var target: JSONValue? = root
            for step in reference.dropFirst().split(separator: "/") { target = target?[String(step)] }
            guard let target else { break }
            schema = target
        }
        return schema
    }

    private mutating func bounded(_ schema: JSONValue) -> Double {
        let least = schema["minimum"]?.number ?? schema["exclusiveMinimum"]?.number.map { $0 + 1 }
        let most = schema["maximum"]?.number ?? schema["exclusiveMaximum"]?.number.map { $0 - 1 }
        let drawn = Double(1 + dice.pick(9))
        return min(max(drawn, least ?? min(drawn, most ?? drawn)), most ?? .greatestFiniteMagnitude)
    }

    private mutating func text(_ schema: JSONValue, name: String) -> String {
        switch schema["format"]?.string {
        case "date-time": return "2026-11-01T09:30:00Z"
        case "date": return "2026-11-01"
        case "time": return "09:30:00Z"
        case "duration": return "PT15M"
        case "email": return "ada@example.com"
        case "uri": return "https://example.com/"
        case "uuid": return "0b9f6d0e-4b1c-4f0e-8a5e-2f6d1c7a9b3e"
        case "hostname": return "example.com"
        case "ipv4": return "192.0.2.1"
        case "ipv6": return "2001:db8::1"
        default: break
        }
        let words = ["first", "useful", "complete", "careful", "short", "plausible"]
        let text = "\(dice.pick(from: words, or: "plain")) \(Wording.title(name).lowercased())"
        let padding = String(repeating: ".", count: max(0, (schema["minLength"]?.integer ?? 0) - text.count))
        return Wording.clipped(text + padding, schema["maxLength"]?.integer ?? .max)
    }
}
