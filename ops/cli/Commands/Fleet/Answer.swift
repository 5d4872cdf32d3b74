/// What a question gave: a value, or why there is none.
struct Answer<Value: Sendable>: Sendable {
    let value: Value?
    /// One line.
    let problem: String?
    /// What the problem is to a program.
    let failure: (any Error)?

    /// Asks; a failure is part of the answer.
    init(_ question: () async throws -> Value) async {
        do {
            value = try await question()
            problem = nil
            failure = nil
        } catch {
            value = nil
            problem = "\(error)"
            failure = error
        }
    }
}
