import FleetCore

extension SimulatedProvider {
    /// A request as the provider's own books have it.
    struct Call: Sendable, Hashable {
        enum Ending: Sendable, Hashable {
            /// A complete answer was sent; whether it satisfies its schema.
            case answered(isValid: Bool)
            case failed(ModelFailure.Code)
            /// The caller went away.
            case abandoned
        }

        var key: String
        var model: String
        var limitClass: String
        var at: Duration
        /// When its caller sent it.
        var sentAt: Duration
        /// When it was over, or its caller went away.
        var until: Duration
        /// What it counts against the limit; nothing for an error.
        var inputTokens: Int
        var outputTokens: Int
        /// What it will put on the bill.
        var cost: Decimal6
        var ending: Ending
        /// The provider itself found it one too many for its minute.
        var isOverAllowance = false
        var process: String

        /// It counts against limits: errors do not.
        var isCounted: Bool { inputTokens > 0 }
    }
}
