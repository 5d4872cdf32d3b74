import JSON

/// The part of JSON Schema that a provider takes where its answers have to satisfy it.
struct SchemaRules {
    /// Whether every property has to be required.
    let needsRequired: Bool

    /// The first thing that is wrong; nil: the schema is taken.
    ///
    /// - Parameter needsClosed: objects have to refuse properties that they do not name.
    func problem(in schema: JSONValue, needsClosed: Bool) -> String? {
        guard schema["type"]?.string == "object" else {
            let type = schema["type"]?.string ?? "None"
            return "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"\(type)\"'."
        }
        return needsClosed ? problem(schema, path: []) : nil
    }

    private func problem(_ schema: JSONValue, path: [String]) -> String? {
        guard case .object(let object) = schema else { return nil }
        let properties = schema["properties"]?.object?.members ?? []
        let isObject = schema["type"]?.string == "object" || schema.strings("type").contains("object")
        let context = "In context=(\(path.map { "'\($0)'" }.joined(separator: ", ")))"
        if isObject, schema["additionalProperties"]?.bool != false {
            return "\(context), 'additionalProperties' is required to be supplied and to be false."
        }
        if isObject, needsRequired {
            let required = schema.strings("required")
            if let name = properties.first(where: { !required.contains($0.key) })?.key {
                return "\(context), 'required' is required to be supplied and to be an array including every key in "
                    + "properties. Missing '\(name)'."
            }
        }
        for member in object.members {
            let (key, value) = (member.key, member.value)
            let problem: String? =
                switch key {
                case "properties", "$defs", "definitions":
                    (value.object?.members ?? []).lazy.compactMap {
                        self.problem($0.value, path: path + [key, $0.key])
                    }.first
                case "items": self.problem(value, path: path + [key])
                case "anyOf", "allOf", "oneOf":
                    (value.array ?? []).lazy.compactMap { self.problem($0, path: path + [key]) }.first
                default: nil
                }
            if let problem { return problem }
        }
        return nil
    }
}
