import JSON

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
        if let constant = schema["const"] { return json.write(constant) }
        if let values = schema["enum"]?.array, !values.isEmpty { return json.write(values[dice.pick(values.count)]) }
        for keyword in ["anyOf", "oneOf"] {
            if let choices = schema[keyword]?.array, let choice = pick(choices, depth: depth) {
                return write(choice, name: name, depth: depth + 1, to: &json)
            }
        }
        if let parts = schema["allOf"]?.array, !parts.isEmpty {
            let members = parts.flatMap { resolved($0).object?.members ?? [] }
            return write(.object(JSONObject(members)), name: name, depth: depth + 1, to: &json)
        }
        switch type(of: schema, depth: depth) {
        case "object": writeObject(schema, depth: depth, to: &json)
        case "array": writeArray(schema, name: name, depth: depth, to: &json)
        case "integer": json.write(Int(bounded(schema)))
        case "number": json.write(bounded(schema))
        case "boolean": json.write(dice.pick(2) == 1)
        case "null": json.writeNull()
        default: json.write(text(schema, name: name))
        }
    }

    private mutating func writeObject(_ schema: JSONValue, depth: Int, to json: inout JSONWriter) {
        let required = Set(schema.strings("required"))
        json.beginObject()
        for member in schema["properties"]?.object?.members ?? [] {
            let name = member.key
            if depth >= Self.deepest, !required.contains(name) { continue }
            json.key(name)
            write(member.value, name: name, depth: depth + 1, to: &json)
        }
        json.endObject()
    }

    private mutating func writeArray(_ schema: JSONValue, name: String, depth: Int, to json: inout JSONWriter) {
        let least = schema["minItems"]?.int ?? 0
        let most = schema["maxItems"]?.int ?? Int.max
        let wanted = depth >= Self.deepest / 2 ? 0 : 1 + dice.pick(3)
        json.beginArray()
        for _ in 0..<min(max(wanted, least), most) {
            write(schema["items"] ?? ["type": "string"], name: name, depth: depth + 1, to: &json)
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
        let types = schema.strings("type")
        if !types.isEmpty {
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
        let least = schema["minimum"]?.double ?? schema["exclusiveMinimum"]?.double.map { $0 + 1 }
        let most = schema["maximum"]?.double ?? schema["exclusiveMaximum"]?.double.map { $0 - 1 }
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
        let padding = String(repeating: ".", count: max(0, (schema["minLength"]?.int ?? 0) - text.count))
        return Wording.clipped(text + padding, schema["maxLength"]?.int ?? .max)
    }
}
