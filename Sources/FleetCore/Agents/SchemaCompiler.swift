import JSON

/// Turns a schema document into the nodes of a ``CompiledSchema``.
struct SchemaCompiler {
    private(set) var nodes: [CompiledSchema.Node] = []
    private let document: JSONValue
    /// Nodes by their pointer: a schema that is referred to is compiled once, also while it is being compiled.
    private var known: [String: Int] = [:]

    /// Keywords that say nothing about validity.
    private static let annotations: Set<String> = [
        "title", "description", "$schema", "$id", "$comment", "default", "examples", "format", "deprecated",
    ]

    private static let keywords = [
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs",
        "definitions", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum",
    ]

    init(document: JSONValue) {
        self.document = document
    }

    mutating func compile(_ schema: JSONValue, at pointer: String) throws(SchemaError) -> Int {
        if let index = known[pointer] { return index }
        let index = nodes.count
        known[pointer] = index
        nodes.append(CompiledSchema.Node())
        var node = CompiledSchema.Node()
        switch schema {
        case .bool(let isAllowed): node.isNever = !isAllowed
        case .object(let object):
            for member in object.members {
                try read(member, of: object, into: &node, at: pointer)
            }
        default: throw SchemaError(pointer: pointer, problem: "is no schema", allowed: "an object, true or false")
        }
        nodes[index] = node
        return index
    }

    private mutating func read(
        _ member: JSONObject.Member, of object: JSONObject, into node: inout CompiledSchema.Node, at pointer: String
    ) throws(SchemaError) {
        let place = pointer + "/" + Self.escaped(member.key)
        let value = member.value
        switch member.key {
        case "type": node.types = try types(value, at: place)
        case "properties":
            for property in try members(value, at: place) {
                let child = try compile(property.value, at: place + "/" + Self.escaped(property.key))
                node.properties.append((property.key, child))
            }
        case "required": node.required = try strings(value, at: place)
        case "additionalProperties":
            switch value {
            case .bool(let isAllowed): node.additional = isAllowed ? .allowed : .forbidden
            default: node.additional = .schema(try compile(value, at: place))
            }
        case "items": node.items = try compile(value, at: place)
        case "enum": node.values = try elements(value, at: place)
        case "const": node.values = [value]
        case "anyOf":
            for (index, choice) in try elements(value, at: place).enumerated() {
                node.anyOf.append(try compile(choice, at: "\(place)/\(index)"))
            }
        case "$ref": node.reference = try reference(value, at: place)
        case "$defs", "definitions":
            for definition in try members(value, at: place) {
                _ = try compile(definition.value, at: place + "/" + Self.escaped(definition.key))
            }
        case "minItems", "maxItems": node.itemCount = try range("minItems", "maxItems", of: object, at: pointer)
        case "minLength", "maxLength": node.length = try range("minLength", "maxLength", of: object, at: pointer)
        case "minimum": node.minimum = try number(value, at: place)
        case "maximum": node.maximum = try number(value, at: place)
        case "exclusiveMinimum": node.exclusiveMinimum = try number(value, at: place)
        case "exclusiveMaximum": node.exclusiveMaximum = try number(value, at: place)
        case let key where Self.annotations.contains(key): break
        default:
            throw SchemaError(
                pointer: place, problem: "the keyword \(member.key) is not supported",
                allowed: Self.keywords.joined(separator: ", "))
        }
    }

    private func types(_ value: JSONValue, at place: String) throws(SchemaError) -> [JSONType] {
        let allowed = JSONType.allCases.map(\.rawValue).joined(separator: ", ")
        let names = value.string.map { [$0] } ?? value.array?.map { $0.string ?? "" } ?? []
        let types = names.compactMap(JSONType.init)
        guard !types.isEmpty, types.count == names.count else {
            throw SchemaError(pointer: place, problem: "names no type or an unknown one", allowed: allowed)
        }
        return types
    }

    private func members(_ value: JSONValue, at place: String) throws(SchemaError) -> [JSONObject.Member] {
        guard let object = value.object else {
            throw SchemaError(pointer: place, problem: "is no object", allowed: "an object of schemas")
        }
        return object.members
    }

    private func elements(_ value: JSONValue, at place: String) throws(SchemaError) -> [JSONValue] {
        guard let elements = value.array, !elements.isEmpty else {
            throw SchemaError(pointer: place, problem: "is no array or an empty one", allowed: "an array")
        }
        return elements
    }

    private func strings(_ value: JSONValue, at place: String) throws(SchemaError) -> [String] {
        guard let elements = value.array, elements.allSatisfy({ $0.string != nil }) else {
            throw SchemaError(pointer: place, problem: "is no array of strings", allowed: "an array of strings")
        }
        return elements.compactMap(\.string)
    }

    private func number(_ value: JSONValue, at place: String) throws(SchemaError) -> Double {
        guard let number = value.double else {
            throw SchemaError(pointer: place, problem: "is no number", allowed: "a number")
        }
        return number
    }

    private func range(
        _ lower: String, _ upper: String, of object: JSONObject, at pointer: String
    ) throws(SchemaError) -> ClosedRange<Int> {
        var bounds = [0, Int.max]
        for (position, key) in [lower, upper].enumerated() {
            guard let value = object[key] else { continue }
            guard let count = value.int, count >= 0 else {
                throw SchemaError(pointer: "\(pointer)/\(key)", problem: "is no count", allowed: "0 or more")
            }
            bounds[position] = count
        }
        guard bounds[0] <= bounds[1] else {
            throw SchemaError(
                pointer: "\(pointer)/\(upper)", problem: "is less than \(lower)", allowed: "\(bounds[0]) or more")
        }
        return bounds[0]...bounds[1]
    }

    // MARK: References

    private mutating func reference(_ value: JSONValue, at place: String) throws(SchemaError) -> Int {
        guard let text = value.string, text == "#" || text.hasPrefix("#/") else {
            throw SchemaError(
                pointer: place, problem: "does not point into this document", allowed: "#, #/$defs/name")
        }
        let pointer = String(text.dropFirst())
        var target: JSONValue? = document
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let key = Self.unescaped(part)
            switch target {
            case .array(let elements):
                target = Int(key).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: target = target?[key]
            }
        }
        guard let target else {
            throw SchemaError(pointer: place, problem: "points at nothing: \(text)", allowed: "#, #/$defs/name")
        }
        return try compile(target, at: pointer)
    }

    /// Refuses schemas that lead back to themselves without a step into the value: checking would never end.
    func refuseEndlessReferences() throws(SchemaError) {
        var states = [Bool?](repeating: nil, count: nodes.count)
        for start in nodes.indices { try visit(start, &states) }
    }

    /// `states`: nil for unseen, false for on the way, true for done.
    private func visit(_ index: Int, _ states: inout [Bool?]) throws(SchemaError) {
        switch states[index] {
        case true?: return
        case false?:
            let pointer = known.first { $0.value == index }?.key ?? ""
            throw SchemaError(pointer: pointer, problem: "refers to itself without end", allowed: "a finite schema")
        case nil: break
        }
        states[index] = false
        for next in nodes[index].anyOf + [nodes[index].reference].compactMap({ $0 }) { try visit(next, &states) }
        states[index] = true
    }

    /// A key as a JSON pointer spells it (RFC 6901).
    static func escaped(_ key: String) -> String {
        key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    private static func unescaped(_ part: Substring) -> String {
        var key = ""
        var isEscape = false
        for character in part {
            if isEscape {
                key.append(character == "1" ? "/" : "~")
                isEscape = false
            } else if character == "~" {
                isEscape = true
            } else {
                key.append(character)
            }
        }
        return key
    }
}
