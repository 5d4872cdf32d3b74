/// Results of batches, in the order in which their tasks have ended.
package protocol BatchResultSource: Sendable {
    /// - Parameters:
    ///   - after: the number of the last result that is known; 0: none. None is missed that ended later, whatever was
    ///     committed in which order; a task that ends again has a new number.
    ///   - limit: at most so many.
    func results(of batch: String, after: Int, limit: Int) async throws -> BatchResultPage
}

/// Some results, in order.
package struct BatchResultPage: Sendable {
    package var results: [BatchResult]
    /// Nothing of the batch is open, and these are the last.
    package var isComplete: Bool

    package init(results: [BatchResult], isComplete: Bool) {
        self.results = results
        self.isComplete = isComplete
    }
}
