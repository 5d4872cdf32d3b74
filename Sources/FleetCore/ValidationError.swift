/// What is wrong with a request's body, by field: all problems of a body at once.
public struct ValidationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Sendable, Equatable {
        /// The field as the body names it; `body` for the body as a whole.
        public let field: String
        /// What is wrong and what is allowed: safe to show, quotes no long values.
        public let message: String

        /// `field` is named as in the body.
        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// One sentence about the whole.
    public let message: String
    /// In the order of the fields in the documentation; never empty.
    public let problems: [Problem]

    /// - Precondition: there is a problem.
    public init(_ message: String, _ problems: [Problem]) {
        self.message = message
        self.problems = problems
    }

    /// The text is not JSON.
    public init(_ error: JSONError) {
        self.init("Invalid JSON: \(error)", [Problem(field: "body", message: "\(error)")])
    }

    /// A line of many is not JSON.
    public init(line error: JSONError) {
        self.init("Invalid JSON: \(error.inLine)", [Problem(field: "body", message: error.inLine)])
    }

    /// The same request stays wrong.
    public var isRetriable: Bool { false }

    /// All problems on one line, for logs.
    public var description: String { problems.map { "\($0.field): \($0.message)" }.joined(separator: "; ") }

    /// The specification's `details`: field to text.
    public var details: JSONValue {
        var object = JSONObject()
        for problem in problems where object[problem.field] == nil { object[problem.field] = .string(problem.message) }
        return .object(object)
    }
}
