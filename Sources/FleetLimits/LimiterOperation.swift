import FleetCore

/// What one caller wants of a bucket set; many of them make one step of ``LimiterScripts/exchange``.
enum LimiterOperation: Sendable {
    case reserve(TokenEstimate, holder: String, holdsTurn: Bool)
    /// A reservation without an answer: if it was granted, nobody knows.
    case takeBack(TokenEstimate, holder: String)
    /// Their calls are in flight.
    case renew(holders: [String])
    case settle(Reservation, usage: TokenUsage?, cooldown: Duration?)
    case learn(ReportedLimits)

    var asksForCapacity: Bool {
        if case .reserve = self { true } else { false }
    }

    /// Its part of the script's arguments.
    var arguments: [String] {
        switch self {
        case .reserve(let estimate, let holder, let holdsTurn):
            return [
                "r", String(estimate.inputTokens), String(estimate.outputTokens), holder, holdsTurn ? "1" : "0",
            ]
        case .takeBack(let estimate, let holder):
            return ["g", String(estimate.inputTokens), String(estimate.outputTokens), holder]
        case .renew(let holders): return ["h", String(holders.count)] + holders
        case .learn(let reported):
            return ["l"] + reported.pairs.flatMap { [String($0.limit ?? -1), String($0.remaining ?? -1)] }
        case .settle(let reservation, let usage, let cooldown):
            return [
                "s", reservation.cell, String(reservation.estimate.inputTokens),
                String(reservation.estimate.outputTokens), reservation.holder, usage == nil ? "0" : "1",
                String(usage?.inputTokens ?? 0), String(usage?.outputTokens ?? 0),
                String(cooldown?.inMilliseconds ?? 0),
            ]
        }
    }
}

/// What the script said to one caller.
enum LimiterAnswer: Sendable {
    case granted(cell: Int, epoch: String)
    case wait(Duration, for: LimitWait.Cause)
    /// The turn has come, but the window is full.
    case hold(Duration)
    case turn(after: Duration)
    /// A call's end was noted.
    case settled

    /// - Returns: nil for a word that is not the script's.
    init?(_ word: String, _ number: Int, epoch: String) {
        switch word {
        case "ok": self = .granted(cell: number, epoch: epoch)
        case "wait": self = .wait(.milliseconds(number), for: .rate)
        case "full": self = .wait(.milliseconds(number), for: .concurrency)
        case "pause": self = .wait(.milliseconds(number), for: .pause)
        case "cold": self = .wait(.milliseconds(number), for: .warmUp)
        case "hold": self = .hold(.milliseconds(number))
        case "slot": self = .turn(after: .milliseconds(number))
        default: return nil
        }
    }
}

extension ReportedLimits {
    /// For requests, tokens, input and output tokens.
    fileprivate var pairs: [(limit: Int?, remaining: Int?)] {
        [
            (requestLimit, requestsRemaining), (tokenLimit, tokensRemaining),
            (inputTokenLimit, inputTokensRemaining), (outputTokenLimit, outputTokensRemaining),
        ]
    }
}
