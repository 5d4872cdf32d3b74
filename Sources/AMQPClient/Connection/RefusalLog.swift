/// Which refusals are worth a line in the log: each once, and again after a while if it was asked again meanwhile.
struct RefusalLog {
    private var told: [AMQPRefusal.Subject: (error: AMQPError, at: Instant)] = [:]

    private static let pause: Duration = .seconds(600)

    mutating func news(_ refusals: [AMQPRefusal], at now: Instant) -> [AMQPRefusal] {
        let subjects = Set(refusals.map(\.subject))
        // What was mended is news when it comes back, though not if it comes and goes.
        told = told.filter { subjects.contains($0.key) || now < $0.value.at.advanced(by: Self.pause) }
        let news = refusals.filter { refusal in
            guard let last = told[refusal.subject] else { return true }
            return last.error != refusal.error || now >= last.at.advanced(by: Self.pause)
        }
        for refusal in news { told[refusal.subject] = (refusal.error, now) }
        return news
    }
}
