/// A complete answer: the provider said so with its closing event.
package struct ModelReply: Sendable {
    /// The answer's text: JSON that claims to satisfy the request's schema, not yet validated.
    package var text: String
    /// What the provider said about the call's tokens.
    package var usage: ReportedUsage
    /// The provider's id of this request, for support and for the ledger.
    package var providerRequestID: String?
    /// The model that says to have answered; nil if none was named.
    package var model: String?
    /// Why it stopped, in the provider's word; nil if it said none.
    package var finishReason: String?

    /// A stream knows text and usage; the caller adds what the response's headers say.
    package init(
        text: String, usage: ReportedUsage, providerRequestID: String? = nil, model: String? = nil,
        finishReason: String? = nil
    ) {
        self.text = text
        self.usage = usage
        self.providerRequestID = providerRequestID
        self.model = model
        self.finishReason = finishReason
    }
}
