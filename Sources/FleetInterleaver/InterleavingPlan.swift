import FleetTesting

/// What a seed stands for: who takes part, how much each does, and how far the tasks have come when they begin.
package struct InterleavingPlan: Sendable {
    /// One who takes part.
    enum Role: Sendable, Hashable {
        case scheduler(Int)
        /// Claims and gives back what a claim without an answer may have taken.
        case taker(Int)
        /// Settles, beats and retires.
        case ender(Int)
        /// Statements that the worker has given up on and that run all the same.
        case straggler(Int)
        /// Waits for a limit before it calls.
        case waiter(Int)
        case owner(Int)
        /// Holds a row for a while.
        case stone(Int)
        /// Pauses, purges and has dead letters tried again.
        case fleetOperator
    }

    /// One who takes part, and how much.
    struct Part: Sendable {
        /// Decides what it draws: others may be left out.
        var index: Int
        var role: Role
        var operations: Int
    }

    /// The same seed is the same plan and the same order of statements.
    package let seed: UInt64
    private(set) var parties: [Part]
    /// Rounds of undisturbed work that each task has behind it, the most first.
    let headStarts: [Int]
    /// Chance that the party goes on whose turn it was.
    let stickiness: Double
    /// Chance that a step does not end well.
    let trouble: Double
    /// Chance that a step waits for its turn in a limit.
    let turns: Double
    /// Chance that a ticket is delivered once more.
    let redelivery: Double
    /// Chance that a worker falls silent or dies instead of taking tickets.
    let disturbance: Double
    /// Chance that the answer to a claim is lost.
    let deafness: Double
    /// Tickets and settlements of one operation, at most.
    let batch: Int
    /// How the server plans prepared statements.
    let planMode: String

    /// Draws everything from the seed.
    package init(seed: UInt64) {
        self.seed = seed
        var generator = SeededGenerator(seed: seed)
        func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        let operations = roll(5...12)
        var parties: [(Role, Int)] = (1...roll(2...3)).map { (.scheduler($0), operations + 4) }
        for worker in 1...2 {
            parties += [(.taker(worker), operations), (.ender(worker), operations)]
        }
        parties.append((.straggler(roll(1...2)), 3))
        for owner in 1...roll(1...2) { parties.append((.owner(owner), roll(1...6))) }
        for stone in 1...2 { parties.append((.stone(stone), operations)) }
        // In some only, without a roll of the dice: the others are what they were before operators took part.
        let hasOperator = seed % 4 == 1
        if hasOperator { parties.append((.fleetOperator, operations + 8)) }
        turns = hasOperator ? 0.3 : 0
        if seed % 4 == 2 { for worker in 1...2 { parties.append((.waiter(worker), operations)) } }
        self.parties = parties.enumerated().map { Part(index: $0.offset, role: $0.element.0, operations: $0.element.1) }
        // Mostly in the middle of the work that goes on side by side.
        headStarts = (0..<roll(1...4)).map { _ in [60, roll(0...14), roll(3...6), roll(3...6)][roll(0...3)] }.sorted(
            by: >)
        stickiness = [0, 0.5, 0.8][roll(0...2)]
        trouble = [0, 0.1, 0.3][roll(0...2)]
        redelivery = [0.1, 0.4, 0.7][roll(0...2)]
        disturbance = [0.05, 0.15, 0.3][roll(0...2)]
        deafness = [0, 0.1, 0.3][roll(0...2)]
        batch = [2, 4, 8][roll(0...2)]
        planMode = ["auto", "force_custom_plan", "force_generic_plan"][roll(0...2)]
    }
}

extension InterleavingPlan {
    /// Whether somebody pauses, purges and replays.
    package var hasOperator: Bool { parties.contains { $0.role == .fleetOperator } }

    /// Whether workers wait for limits.
    package var hasWaiters: Bool { parties.contains { $0.role == .waiter(1) } }

    /// Plans that do a little less: without a party, or with half of its operations.
    var lesser: [InterleavingPlan] {
        var plans: [InterleavingPlan] = []
        for place in parties.indices {
            var plan = self
            plan.parties.remove(at: place)
            plans.append(plan)
        }
        for place in parties.indices where parties[place].operations > 1 {
            var plan = self
            plan.parties[place].operations /= 2
            plans.append(plan)
        }
        return plans
    }
}

extension InterleavingPlan.Role: CustomStringConvertible {
    /// As the trace names it.
    var description: String {
        switch self {
        case .scheduler(let number): "scheduler \(number)"
        case .taker(let number): "worker \(number) in"
        case .ender(let number): "worker \(number) out"
        case .straggler(let number): "worker \(number) late"
        case .waiter(let number): "worker \(number) waits"
        case .owner(let number): "owner \(number)"
        case .stone(let number): "stone \(number)"
        case .fleetOperator: "operator"
        }
    }
}
