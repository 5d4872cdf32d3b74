import JSON

/// A JSON Schema that was checked once and can be applied many times.
///
/// Understands the subset that both providers take and what an operator may reasonably add: `type`, `properties`,
/// `required`, `additionalProperties`, `items`, `enum`, `const`, `anyOf`, `$ref` into the same document, and limits
/// of lengths, counts and numbers. Any other keyword is an error at load time: a rule that is silently not applied
/// is worse than none.
package struct CompiledSchema: Sendable {
    /// One schema; others are named by their position in ``nodes``, so that schemas may refer to themselves.
    struct Node: Sendable {
        enum Additional: Sendable {
            case allowed
            case forbidden
            case schema(Int)
        }

        /// Nil: any type.
        var types: [JSONType]?
        var properties: [(key: String, node: Int)] = []
        var required: [String] = []
        var additional = Additional.allowed
        var items: Int?
        /// Nil: any value.
        var values: [JSONValue]?
        var anyOf: [Int] = []
        var reference: Int?
        var itemCount: ClosedRange<Int> = 0...Int.max
        var length: ClosedRange<Int> = 0...Int.max
        var minimum: Double?
        var maximum: Double?
        var exclusiveMinimum: Double?
        var exclusiveMaximum: Double?
        /// The schema `false`.
        var isNever = false
    }

    let nodes: [Node]
    let root: Int

    /// Compiles a schema.
    ///
    /// - Throws: a ``SchemaError`` that says where in the schema something is not understood.
    package init(json: String) throws(SchemaError) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: json)
        } catch {
            throw SchemaError(pointer: "", problem: "is not JSON: \(error)", allowed: "a JSON object")
        }
        var compiler = SchemaCompiler(document: document)
        root = try compiler.compile(document, at: "")
        try compiler.refuseEndlessReferences()
        nodes = compiler.nodes
    }
}

/// The types of JSON Schema.
enum JSONType: String, Sendable, CaseIterable {
    case null
    case boolean
    case integer
    case number
    case string
    case array
    case object

    func matches(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .string), (.array, .array),
            (.object, .object):
            true
        case (.integer, .number(let number)): number.isInteger
        default: false
        }
    }
}

/// Why a JSON Schema cannot be used.
package struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where in the schema, as a JSON pointer.
    package let pointer: String
    /// What is wrong there, to be read after the pointer: `is no number`.
    package let problem: String
    /// What would be accepted there.
    package let allowed: String

    /// Place, problem and what is allowed, on one line; `/` stands for the whole schema.
    package var description: String { "\(pointer.isEmpty ? "/" : pointer): \(problem), allowed: \(allowed)" }
}
