/// What an operator asked for cannot be done, in words for the operator.
package struct OperatorError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case notFound
        /// What is there does not allow it.
        case conflict
        /// A value is not allowed.
        case invalid
    }

    package var code: Code
    package var description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
