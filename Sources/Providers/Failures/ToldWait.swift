internal import FleetCore

/// A wait as it was told: a length, or the point at which it ends.
enum ToldWait {
    /// From now on.
    case length(Double)
    /// Seconds since 1970.
    case end(Double)

    /// A value of a header or a member: a length in any form, a date, or seconds or milliseconds since 1970.
    init?(_ text: String) {
        if let date = HTTPDate.seconds(text) ?? InternetDate.seconds(text) {
            self = .end(date)
        } else if let seconds = Double(text) ?? WaitText.seconds(text) {
            guard seconds.isFinite else { return nil }
            switch seconds {
            // No wait is three years long, and no clock is that slow.
            case 100_000_000_000...: self = .end(seconds / 1000)
            case 100_000_000...: self = .end(seconds)
            default: self = .length(seconds)
            }
        } else {
            return nil
        }
    }

    /// Nothing for the past and for nonsense; at most a day, so that a typing error does not stop a lane for ever.
    func duration(now: Double) -> Duration? {
        let seconds =
            switch self {
            case .length(let seconds): seconds
            case .end(let date): date - now
            }
        guard seconds.isFinite, seconds >= 0 else { return nil }
        return .milliseconds(Int((min(seconds, 86_400) * 1000).rounded(.up)))
    }
}
