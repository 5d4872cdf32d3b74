/// A call that a model has taken on, as its provider would charge it.
struct Charge: Sendable {
    var model: String
    var provider: Provider
    var serviceTier: String
    var usage: Usage
    var ending: ModelAnswer.Ending

    /// How a call ended for the provider.
    enum Delivery: Sendable, Equatable {
        /// The last byte was sent.
        case complete
        /// The connection ended before; so many output tokens had been generated.
        case cut(outputTokens: Int)
        /// An injected time-out: nothing was ever answered.
        case unanswered
        /// HTTP status 400 or more.
        case refused
    }

    /// What is charged, if anything, and why.
    struct Verdict: Equatable {
        var isBilled: Bool
        var why: String
        var usage = Usage()
    }

    /// - Parameter billsDisconnects: the client left or was cut off, and the provider charges what it had done
    func verdict(_ delivery: Delivery, billsDisconnects: Bool) -> Verdict {
        switch delivery {
        case .refused: return Verdict(isBilled: false, why: "http_error")
        case .complete:
            switch ending {
            case .complete: return Verdict(isBilled: true, why: "complete", usage: usage)
            case .lengthLimit: return Verdict(isBilled: true, why: "length_limit", usage: usage)
            case .refusal: return refusal
            }
        case .cut(let tokens):
            if ending == .refusal, provider == .anthropic { return refusal }
            guard billsDisconnects else { return Verdict(isBilled: false, why: "disconnect") }
            return Verdict(isBilled: true, why: "disconnect", usage: usage.withOutput(tokens))
        case .unanswered:
            guard billsDisconnects else { return Verdict(isBilled: false, why: "timeout") }
            return Verdict(isBilled: true, why: "timeout", usage: usage.withOutput(0))
        }
    }

    /// Before any output: OpenAI charges the input, Anthropic nothing.
    private var refusal: Verdict {
        provider == .openAI
            ? Verdict(isBilled: true, why: "refusal", usage: usage.withOutput(0))
            : Verdict(isBilled: false, why: "refusal")
    }
}
