/// How each part of a topology stands with the broker, and when to ask again for what it refused.
///
/// A refusal may end by itself: a node comes back, an operator grants a right or removes a queue.
struct RefusalBook {
    typealias Subject = AMQPRefusal.Subject

    private struct Refusal {
        var error: AMQPError
        var isUsable: Bool
        /// The broker closes the whole connection for it.
        var endsConnection: Bool
        var strikes: Int
        var nextAttempt: Instant
    }

    private var refusals: [Subject: Refusal] = [:]
    /// Changes whenever ``all`` does.
    private(set) var version = 0

    /// In a fixed order, those that matter most first.
    var all: [AMQPRefusal] {
        refusals.filter { isStanding($0.value) }.sorted { rank($0) < rank($1) }.map {
            AMQPRefusal(subject: $0.key, error: $0.value.error, isUsable: $0.value.isUsable)
        }
    }

    /// When something may be asked again; distant if nothing is refused.
    var nextAttempt: Instant { refusals.values.map(\.nextAttempt).min() ?? .distantFuture }

    /// The verdict that stands for now; nil: ask.
    func standing(_ subject: Subject, at now: Instant) -> AMQPError? {
        guard let refusal = refusals[subject], isStanding(refusal), !refusal.isUsable, now < refusal.nextAttempt else {
            return nil
        }
        return refusal.error
    }

    /// When to ask again for something that is refused.
    func nextAttempt(_ subject: Subject) -> Instant? { refusals[subject]?.nextAttempt }

    /// It is there after all, though not as it should be.
    mutating func noteForeign(_ subject: Subject, _ error: AMQPError) {
        noteTrouble(subject, error, isUsable: true)
    }

    /// Nothing here asks for it again: who uses it tells when it works.
    mutating func noteTrouble(_ subject: Subject, _ error: AMQPError, isUsable: Bool = false) {
        guard refusals[subject]?.error != error else { return }
        set(
            subject,
            Refusal(
                error: error, isUsable: isUsable, endsConnection: false, strikes: 0, nextAttempt: .distantFuture))
    }

    mutating func noteRefused(_ subject: Subject, _ error: AMQPError, at now: Instant) {
        let strikes = (refusals[subject]?.strikes ?? 0) + 1
        set(
            subject,
            Refusal(
                error: error, isUsable: false, endsConnection: false, strikes: strikes,
                nextAttempt: now.advanced(by: Self.pause(after: strikes, from: 2, to: 15))))
    }

    /// The broker closed the connection as an answer. The second time it counts as refused, and is left alone for long:
    /// everything else on the connection suffers each time.
    mutating func noteConnectionLost(_ subject: Subject, _ error: AMQPError, at now: Instant) {
        let strikes = refusals[subject].map { $0.endsConnection ? $0.strikes + 1 : 1 } ?? 1
        let pause = strikes < Self.certainty ? .zero : Self.pause(after: strikes - 1, from: 30, to: 600)
        set(
            subject,
            Refusal(
                error: error, isUsable: false, endsConnection: true, strikes: strikes,
                nextAttempt: now.advanced(by: pause)))
    }

    mutating func noteDone(_ subject: Subject) {
        if refusals.removeValue(forKey: subject) != nil { version += 1 }
    }

    /// A new connection asks for everything again, except for what ends connections.
    mutating func connected() {
        let before = refusals.count
        refusals = refusals.filter { $0.value.endsConnection }
        if refusals.count != before { version += 1 }
    }

    private static let certainty = 2

    private mutating func set(_ subject: Subject, _ refusal: Refusal) {
        refusals[subject] = refusal
        version += 1
    }

    private func isStanding(_ refusal: Refusal) -> Bool {
        !refusal.endsConnection || refusal.strikes >= Self.certainty
    }

    private static func pause(after strikes: Int, from least: Int, to most: Int) -> Duration {
        .seconds(min(most, least << min(strikes - 1, 10)))
    }

    private func rank(_ entry: (key: Subject, value: Refusal)) -> (Int, Int, String) {
        let kind =
            switch entry.key {
            case .publishing: 0
            case .queue: 1
            case .consuming: 2
            case .exchange: 3
            case .binding: 4
            }
        return (entry.value.isUsable ? 1 : 0, kind, entry.key.description)
    }
}
