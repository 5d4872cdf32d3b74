/// The port to the AI providers: one call, one answer or one failure, never a retry.
package protocol ModelCaller: Sendable {
    /// Calls the model named in the request and returns its complete answer.
    ///
    /// Cancelling the surrounding task closes the stream and throws `cancelled`.
    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply
}
