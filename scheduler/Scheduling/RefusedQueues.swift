import FleetCore

/// Which agent types' tickets the broker refused a moment ago.
///
/// The first refusal may be an accident: its step goes back and is dispatched again at once. A queue that refuses again
/// keeps its tickets as sent, and the sweep finds that they are not there and gives them back after a while: otherwise
/// the rows of a queue that cannot take any would be written over and over.
struct RefusedQueues {
    private var firstRefusals: [String: Duration] = [:]

    /// For how long a refusal after another is no accident.
    static let memory: Duration = .seconds(2)

    /// - Returns: of the tickets refused, those whose dispatch is to be undone.
    mutating func undone(_ refused: [Ticket], at now: Duration) -> [Ticket] {
        firstRefusals = firstRefusals.filter { now - $0.value < Self.memory }
        let known = Set(firstRefusals.keys)
        for ticket in refused where firstRefusals[ticket.agentType] == nil { firstRefusals[ticket.agentType] = now }
        return refused.filter { !known.contains($0.agentType) }
    }

    /// The broker may be another one, or the same after a repair.
    mutating func forget() { firstRefusals = [:] }
}
