/// What tasks ask of the owner thread.
enum TransferCommand: Sendable {
    case start(Exchange, HTTPRequest)
    /// The reader of a paused exchange has caught up.
    case resume(Exchange)
    case cancel(Exchange)
    /// The reader has what it needs; what is left of the response is dropped so that the connection can be reused.
    case discard(Exchange)
    /// Ends the loop; the continuation is resumed when every exchange has been failed.
    case shutDown(CheckedContinuation<Void, Never>?)
}
