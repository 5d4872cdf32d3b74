/// One call to a provider, for the ledger. Every request that may have been sent has one, answered or not.
package struct CallRecord: Sendable, Equatable {
    /// What a call was made for.
    package enum Purpose: String, Sendable, CaseIterable {
        /// The step itself.
        case work
        /// The answer before it could not be used.
        case repair
    }

    /// 1, 2, ... within the attempt.
    package var number: Int
    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// Name in the model catalogue, not the provider's own.
    package var model: String
    /// Tokens and money, as far as they are known.
    package var account: CallAccount
    /// `succeeded`, or a ``ModelFailure/Code``, or `invalid_answer`.
    package var outcome: String
    /// Nil if no answer began.
    package var httpStatus: Int?
    /// For support; nil if the provider gave none.
    package var providerRequestID: String?
    /// From sending to the end of the answer; waiting for capacity is not in it.
    package var duration: Duration
    /// What the call was made for.
    package var purpose: Purpose
    /// Names the prompt, its schema and its input, so that answers of different ones are never compared; nil: not
    /// known.
    package var promptVersion: String?
    /// What was left out of the prompt for space, as JSON text; nil: nothing.
    package var cuts: String?

    /// `outcome` becomes `invalid_answer` later if the text does not satisfy its schema.
    package init(
        number: Int, provider: String, model: String, account: CallAccount, outcome: String, httpStatus: Int?,
        providerRequestID: String?, duration: Duration, purpose: Purpose = .work, promptVersion: String? = nil,
        cuts: String? = nil
    ) {
        self.number = number
        self.provider = provider
        self.model = model
        self.account = account
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.providerRequestID = providerRequestID
        self.duration = duration
        self.purpose = purpose
        self.promptVersion = promptVersion
        self.cuts = cuts
    }
}
