package import AMQPClient

/// What is wrong with a connection to the broker, in one line, and whether anything can be done over it.
package struct BrokerTrouble: Sendable, Equatable {
    /// The broker's words and what to do.
    package let words: String
    /// Nothing gets through; otherwise some agent types or the nudges stand still.
    package let stopsEverything: Bool

    /// Nil if nothing is wrong.
    ///
    /// - Parameter queues: what the connection is for; without all of them it is useless.
    package init?(_ health: AMQPHealth, _ advice: BrokerAdvice, queues: [String] = []) {
        switch health.state {
        case .connecting:
            stopsEverything = true
            guard let outage = health.outage else {
                words = "not connected yet"
                return
            }
            words =
                "not connected for \(outage.duration.components.seconds) s, \(outage.attempts) attempts: "
                + "\(outage.error.message): \(advice.remedy(outage.error))"
        case .blocked(let reason):
            stopsEverything = true
            words = "it takes no messages: \(reason): \(advice.remedy(AMQPError.blocked(reason)))"
        case .closed:
            stopsEverything = true
            words = "the connection is closed"
        case .ready:
            guard let line = advice.line(health.refusals) else { return nil }
            words = line
            let lost = Set(health.refusals.filter { !$0.isUsable }.map(\.subject))
            stopsEverything =
                lost.contains(.publishing(""))
                || (!queues.isEmpty && queues.allSatisfy { lost.contains(.queue($0)) || lost.contains(.consuming($0)) })
        }
    }
}
