import FleetCore
import FleetTesting

/// Everything that a seed decides in advance: what is asked of the fleet, and what goes wrong when.
package struct SimulationPlan: Sendable {
    struct Submission: Sendable {
        var at: Duration
        var taskID: String
        var userID: String
        var priority: Priority
    }

    struct ScheduledFault: Sendable {
        var at: Duration
        var fault: Fault
    }

    /// What an owner does to a task later on.
    struct Change: Sendable {
        enum Kind: Sendable { case cancel, revise(RevisionScope?), retry }

        var at: Duration
        var taskID: String
        var kind: Kind
    }

    /// Decides the rest of the plan and, in its run, the order of jobs and all chances.
    package let seed: UInt64
    var submissions: [Submission] = []
    var changes: [Change] = []
    var faults: [ScheduledFault] = []
    var answers = ScriptedAnswers()
    var workers = 2
    var schedulers = 2
    var slots = 8
    var limits = RateLimits()
    var market = ModelMarket(limits: RateLimits())
    /// Every so many steps one gets no answer that can be read, however often it asks.
    private var poisonInterval: Int?
    /// From here on nothing goes wrong any more.
    var calm: Duration = .seconds(45)

    /// The database's clock jumps.
    var stepsClock: Bool { faults.contains { if case .clockStep = $0.fault { true } else { false } } }
    /// How often Redis loses its memory.
    var flushes: Int { faults.count { if case .flushRedis = $0.fault { true } else { false } } }
    /// The database's clock jumps, and Redis loses its memory.
    var mayMisdateLedger: Bool { flushes > 0 && stepsClock }
    var isLimitedPerMinute: Bool {
        !market.allowances.isEmpty || market.limits.values.contains { $0.requests != nil || $0.tokens != nil }
    }

    /// A worker may be unable to say for a while that its calls are in flight: others take their places.
    var mayLoseLeases: Bool {
        faults.contains { scheduled in
            switch scheduled.fault {
            case .stop, .cut(_, .redis, _), .down(.redis, _), .slow(.redis, _, _), .loseReplies(_, .redis, _),
                .flushRedis:
                true
            default: false
            }
        }
    }

    /// Number of faults; see ``keeping(faults:)``.
    package var faultCount: Int { faults.count }

    /// The plan of a seed.
    ///
    /// - Parameter hasSeveralModels: nil: the seed decides.
    package init(seed: UInt64, hasSeveralModels: Bool? = nil) {
        self.seed = seed
        decide()
        market = ModelMarket(limits: limits)
        offerModels(hasSeveralModels)
    }

    private mutating func decide() {
        let dice = Dice(seed: seed ^ 0x51_4d)
        workers = dice.int(in: 1...3)
        schedulers = dice.int(in: 1...2)
        slots = dice.int(in: 2...12)
        answers.lowScore = 0.25
        answers.disapproval = 0.2
        answers.badPlan = 0.2
        limits = Self.limits(dice)
        for number in 1...dice.int(in: 2...6) {
            let id = "task_\(number)"
            submissions.append(
                Submission(
                    at: dice.duration(.zero, .seconds(20)), taskID: id, userID: "user\(dice.int(in: 1...2))",
                    priority: dice.pick(Priority.allCases) ?? .medium))
            guard dice.chance(0.25) else { continue }
            let kinds: [Change.Kind] = [.cancel, .retry, .revise(nil)] + RevisionScope.allCases.map { .revise($0) }
            changes.append(
                Change(
                    at: dice.duration(.seconds(5), .seconds(60)), taskID: id, kind: dice.pick(kinds) ?? .cancel))
        }
        changeMinds()
        if dice.chance(0.1) {
            measureTakeover(dice)
            limitTakeover()
            return
        }
        for _ in 0..<dice.int(in: 0...8) {
            faults.append(
                ScheduledFault(at: dice.duration(.seconds(1), .seconds(40)), fault: fault(dice)))
        }
        faults.sort { $0.at < $1.at }
        meetOutage()
    }

    /// Where nothing else goes wrong, the database is away, longer than a lease as a rule: work goes on as if nothing had
    /// been. With dice of its own, so that the plans of other seeds are as they were before.
    private mutating func meetOutage() {
        let dice = Dice(seed: seed ^ 0x6f_75_74)
        guard faults.isEmpty, dice.chance(0.9) else { return }
        workers = max(workers, 2)
        let start = dice.duration(.seconds(3), .seconds(20))
        let outage = dice.duration(.seconds(20), .seconds(90))
        faults = [ScheduledFault(at: start, fault: .outage(outage))]
        calm = start + outage + .seconds(20)
    }

    /// Several models of several providers, which for a while refuse what they are asked, and allow less than operators
    /// think. With dice of its own, like all that came later.
    private mutating func offerModels(_ hasSeveralModels: Bool?) {
        let dice = Dice(seed: seed ^ 0x6d_6b_74)
        guard !measuresTakeover, dice.chance(0.4), hasSeveralModels ?? true else { return }
        market = ModelMarket(limits: limits, otherLimits: Self.limits(dice))
        for model in market.models where dice.chance(0.3) {
            market.allowances[model.limitClass] = dice.int(in: 10...40)
        }
        if dice.chance(0.5) { poisonInterval = dice.int(in: 15...40) }
        for _ in 0..<dice.int(in: 0...3) {
            let at = dice.duration(.seconds(1), .seconds(40))
            let duration = dice.duration(.seconds(2), .seconds(70))
            faults.append(ScheduledFault(at: at, fault: .refusal(refusal(dice), duration)))
            calm = max(calm, at + duration + .seconds(5))
        }
        faults.sort { $0.at < $1.at }
    }

    private func refusal(_ dice: Dice) -> Refusal {
        let model = dice.pick(market.models) ?? TestCatalogue.model
        let ofProvider = Refusal.Scope.provider(model.provider)
        let ofModel = Refusal.Scope.model(model.name)
        let some = dice.duration(.milliseconds(100), .milliseconds(700)) / .seconds(1)
        switch dice.int(in: 0...6) {
        case 0, 1: return Refusal(scope: ofProvider, code: .quotaExhausted, chance: 1)
        case 2: return Refusal(scope: dice.chance(0.5) ? ofProvider : ofModel, code: .unauthorized, chance: 1)
        case 3: return Refusal(scope: ofModel, code: .invalidRequest, chance: dice.chance(0.5) ? 1 : some)
        case 4: return Refusal(scope: ofModel, code: .modelNotFound, chance: 1)
        case 5: return Refusal(scope: ofModel, code: .malformed, chance: some)
        default: return Refusal(scope: ofProvider, code: .overloaded, chance: 1)
        }
    }

    /// No answer to this step can ever be read.
    func isPoison(_ request: ModelRequest) -> Bool {
        guard let poisonInterval, let call = SimulatedRows.CallKey(request.idempotencyKey) else { return false }
        return call.stepID % poisonInterval == 0
    }

    /// What owners have asked for of a finished task some of them cancel again, at any point of its way, and ask for once
    /// more. With dice of its own, so that the rest of a seed's plan is as it was before owners did this.
    private mutating func changeMinds() {
        let dice = Dice(seed: seed ^ 0x6d_69_6e_64)
        for change in changes {
            if case .cancel = change.kind { continue }
            guard dice.chance(0.5) else { continue }
            let end = change.at + dice.duration(.zero, .seconds(20))
            changes.append(Change(at: end, taskID: change.taskID, kind: .cancel))
            guard dice.chance(0.5) else { continue }
            let kind: Change.Kind = dice.chance(0.5) ? change.kind : .revise(dice.pick(RevisionScope.allCases))
            changes.append(Change(at: end + dice.duration(.zero, .seconds(10)), taskID: change.taskID, kind: kind))
        }
    }

    /// Whether a killed worker's steps have to be running elsewhere within the promised time: nothing else goes wrong,
    /// and others have places free.
    private(set) var measuresTakeover = false

    private mutating func measureTakeover(_ dice: Dice) {
        measuresTakeover = true
        workers = 3
        slots = 64
        limits = RateLimits()
        let role = ProcessRole.worker(dice.int(in: 0...workers - 1))
        let fuse = SimulatedProcess.Fuse(effects: dice.int(in: 1...10), isAfterEffect: dice.chance(0.5))
        faults = [
            ScheduledFault(
                at: dice.duration(.seconds(5), .seconds(25)),
                fault: dice.chance(0.5) ? .kill(role, pause: .seconds(1)) : .fuse(role, fuse, pause: .seconds(1)))
        ]
    }

    /// Where calls in flight are limited, a killed worker's places have to become free as well.
    private mutating func limitTakeover() {
        let dice = Dice(seed: seed ^ 0x6c_69_6d)
        if dice.chance(0.5) { limits = RateLimits(concurrency: dice.int(in: 4...12)) }
    }

    private static func limits(_ dice: Dice) -> RateLimits {
        guard dice.chance(0.5) else { return RateLimits() }
        return RateLimits(
            requests: dice.int(in: 40...150), tokens: dice.chance(0.5) ? dice.int(in: 30_000...120_000) : nil,
            concurrency: dice.chance(0.5) ? dice.int(in: 3...10) : nil)
    }

    private func role(_ dice: Dice) -> ProcessRole {
        dice.chance(0.65) ? .worker(dice.int(in: 0...workers - 1)) : .scheduler(dice.int(in: 0...schedulers - 1))
    }

    private func fault(_ dice: Dice) -> Fault {
        let outage = dice.duration(.milliseconds(200), .seconds(8))
        let pause = dice.duration(.milliseconds(50), .seconds(3))
        let server = dice.pick(SimulatedServer.Name.allCases) ?? .database
        switch dice.int(in: 0...15) {
        case 0: return .kill(role(dice), pause: pause)
        case 1, 2:
            let fuse = SimulatedProcess.Fuse(effects: dice.int(in: 1...30), isAfterEffect: dice.chance(0.5))
            return .fuse(role(dice), fuse, pause: pause)
        case 3: return .stop(role(dice), dice.chance(0.3) ? .seconds(60) : outage)
        case 4: return .terminate(role(dice), pause: pause)
        case 5: return .cut(role(dice), server, outage)
        case 6: return .loseReplies(role(dice), server, dice.int(in: 1...3))
        case 7: return .down(server, outage)
        case 8:
            // The limiter allows for 0.3 s on the way to the provider: what takes longer may bunch up there.
            return .slow(server, factor: server == .provider ? dice.int(in: 2...7) : dice.int(in: 10...300), outage)
        case 9: return .brokerLosesData(outage)
        case 10: return .loseMessages(dice.int(in: 1...10))
        case 11: return .duplicateMessages(dice.int(in: 1...20))
        case 12: return .disorder(outage)
        case 13: return .flushRedis
        case 14: return .clockStep(.database, dice.duration(.seconds(-5), .seconds(5)))
        default: return .provider(providerFaults(dice), outage)
        }
    }

    private func providerFaults(_ dice: Dice) -> SimulatedProvider.Faults {
        var faults = SimulatedProvider.Faults()
        let rate = dice.duration(.milliseconds(50), .milliseconds(600)) / .seconds(1)
        switch dice.int(in: 0...6) {
        case 0: faults.rateLimited = rate
        case 1: faults.overloaded = rate
        case 2: faults.serverError = rate
        case 3: faults.truncated = rate
        case 4: faults.invalid = rate
        case 5: faults.refused = rate
        default: faults.slow = rate
        }
        faults.says429RetryAfter = dice.chance(0.5)
        return faults
    }

    /// The same plan with only some of its faults, by position: for minimising.
    package func keeping(faults indices: [Int]) -> SimulationPlan {
        var copy = self
        copy.faults = indices.compactMap { faults.indices.contains($0) ? faults[$0] : nil }
        return copy
    }

    /// The plan in lines, faults numbered as ``keeping(faults:)`` counts them.
    package var lines: [String] {
        var lines = [
            "seed \(seed): \(workers) workers of \(slots) slots, \(schedulers) schedulers, \(submissions.count) tasks, "
                + "limits \(limits.requests.map(String.init) ?? "none")/min"
        ]
        if market.models.count > 1 {
            let other = market.limits["anthropic"]?.requests.map(String.init) ?? "none"
            let allowances = market.allowances.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)/min" }
            lines.append(
                "  \(market.models.count) models; the other provider's limits \(other)/min; allowed: \(allowances); "
                    + "poison: each \(poisonInterval.map { "\($0)th" } ?? "0th") step")
        }
        lines += changes.map { "  \($0.at): \($0.kind) \($0.taskID)" }
        lines += faults.enumerated().map { "  [\($0.offset)] \($0.element.at): \($0.element.fault)" }
        return lines
    }
}
