package import JSON

/// What is wrong with a request's body, by field: all problems of a body at once.
package struct ValidationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Sendable, Equatable {
        /// The field as the body names it; `body` for the body as a whole.
        package let field: String
        /// What is wrong and what is allowed: safe to show, quotes no long values.
        package let message: String

        /// `field` is named as in the body.
        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// One sentence about the whole.
    package let message: String
    /// In the order of the fields in the documentation; never empty.
    package let problems: [Problem]

    /// - Precondition: there is a problem.
    package init(_ message: String, _ problems: [Problem]) {
        self.message = message
        self.problems = problems
    }

    /// The text is not JSON.
    package init(_ error: JSONError) {
        self.init("Invalid JSON: \(error)", [Problem(field: "body", message: "\(error)")])
    }

    /// A line of many is not JSON.
    package init(line error: JSONError) {
        self.init("Invalid JSON: \(error.inLine)", [Problem(field: "body", message: error.inLine)])
    }

    /// All problems on one line, for logs.
    package var description: String { problems.map { "\($0.field): \($0.message)" }.joined(separator: "; ") }

    /// The specification's `details`: field to text.
    package var details: JSONValue {
        var object = JSONObject()
        for problem in problems where object[problem.field] == nil { object[problem.field] = .string(problem.message) }
        return .object(object)
    }
}
