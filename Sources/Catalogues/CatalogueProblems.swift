/// Collects what is wrong in the entries of a file, so that one look at it mends all.
struct CatalogueProblems {
    /// More help nobody at a time.
    private static let limit = 10

    private var messages: [String] = []

    /// Runs `body`; what it throws is kept for later.
    @discardableResult
    mutating func collect<Value>(_ body: () throws(AgentCatalogueError) -> Value) -> Value? {
        do {
            return try body()
        } catch {
            messages.append(error.message)
            return nil
        }
    }

    /// - Throws: everything that was collected, on one line.
    func finish() throws(AgentCatalogueError) {
        guard !messages.isEmpty else { return }
        let more = messages.count > Self.limit ? "; and \(messages.count - Self.limit) more" : ""
        throw AgentCatalogueError(message: messages.prefix(Self.limit).joined(separator: "; ") + more)
    }
}
