package import FleetCore

/// A call to a model as its span tells of it.
package struct CallFacts: Sendable {
    /// As it goes into the ledger, be it sent or not.
    package var record: CallRecord
    /// Unsent calls are in no ledger.
    package var wasSent: Bool
    /// Name that the provider was asked for.
    package var modelID: String
    package var maxOutputTokens: Int
    /// What answered, in the provider's word; nil if it did not say.
    package var answeringModel: String?
    /// Why the model stopped, in the provider's word.
    package var finishReason: String?
    /// For capacity, before it went out.
    package var waited: Duration
    /// When it went out, by the worker's clock.
    package var start: Duration

    package init(
        record: CallRecord, wasSent: Bool, modelID: String, maxOutputTokens: Int, answeringModel: String?,
        finishReason: String?, waited: Duration, start: Duration
    ) {
        self.record = record
        self.wasSent = wasSent
        self.modelID = modelID
        self.maxOutputTokens = maxOutputTokens
        self.answeringModel = answeringModel
        self.finishReason = finishReason
        self.waited = waited
        self.start = start
    }
}
