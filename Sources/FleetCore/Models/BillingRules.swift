/// Whether a provider charges for a call that failed.
package enum Billed: String, Sendable, CaseIterable {
    case yes, no, unknown
}

/// What is known about a provider's bill for one kind of failure. Data: providers change their minds.
package struct BillingRule: Sendable, Equatable {
    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// Nil: all of the provider's APIs.
    package var api: ModelSpec.API?
    /// Nil: whatever the failure.
    package var failure: ModelFailure.Code?
    /// HTTP status; nil: whatever it was, and also without one.
    package var status: Int?
    /// The rule is about failures before a word of an answer.
    package var isBeforeOutput: Bool
    /// What the provider does.
    package var billed: Billed
    /// Where that is written: an address, or a sentence.
    package var source: String
    /// The day it was read there, `YYYY-MM-DD`.
    package var date: String

    package init(
        provider: String, api: ModelSpec.API? = nil, failure: ModelFailure.Code? = nil, status: Int? = nil,
        isBeforeOutput: Bool = false, billed: Billed, source: String, date: String
    ) {
        self.provider = provider
        self.api = api
        self.failure = failure
        self.status = status
        self.isBeforeOutput = isBeforeOutput
        self.billed = billed
        self.source = source
        self.date = date
    }

    fileprivate func matches(_ failure: ModelFailure, of model: ModelSpec) -> Bool {
        provider == model.provider && (api ?? model.api) == model.api && (self.failure ?? failure.code) == failure.code
            && (status == nil || status == failure.status) && !(isBeforeOutput && failure.mayHaveOutput)
    }
}

/// The rules in the order of the catalogue: the first one that matches counts.
package struct BillingRules: Sendable, Equatable {
    /// In the file's order.
    package var rules: [BillingRule]

    /// Without rules only the defaults hold.
    package init(_ rules: [BillingRule] = []) {
        self.rules = rules
    }

    /// Whether a failed call is on the provider's bill. By default an error instead of an answer (a status of 300 or
    /// more) and a call that was not sent are not; of a call that was cut nobody knows.
    package func billed(_ failure: ModelFailure, by model: ModelSpec) -> Billed {
        guard failure.wasSent else { return .no }
        if let rule = rules.first(where: { $0.matches(failure, of: model) }) { return rule.billed }
        return failure.isErrorStatus ? .no : .unknown
    }
}

extension ModelFailure {
    /// The provider answered with an error, or from elsewhere, instead of an answer.
    package var isErrorStatus: Bool { (status ?? 0) >= 300 }
}
