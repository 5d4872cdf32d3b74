public import FleetCore
internal import Yams

/// A YAML text as a JSON value: mappings become objects in order, scalars what YAML 1.1 makes of them.
public enum YAMLDocument {
    /// Reads one document; null if the text holds none.
    ///
    /// - Throws: what the parser says, with line and column.
    public static func parse(_ text: String) throws -> JSONValue {
        guard let node = try Yams.compose(yaml: text) else { return .null }
        return convert(node)
    }

    private static func convert(_ node: Node) -> JSONValue {
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain {
                if node.null != nil { return .null }
                if let value = node.bool { return .bool(value) }
                if let value = node.int { return .integer(value) }
                if let value = node.float { return .double(value) }
            }
            return .string(scalar.string)
        case .sequence(let sequence): return .array(sequence.map(convert))
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, value) in mapping { object[key.scalar?.string ?? ""] = convert(value) }
            return .object(object)
        case .alias: return .null
        }
    }
}
