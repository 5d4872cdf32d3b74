/// What the facts mean: pure, the same for every command that says it.
extension HealthFacts {
    /// A worker that is silent for longer does not count as alive: many heartbeats.
    package static let longestHeartbeatAge = 10.0
    /// Ten heartbeats: its steps have been taken over by then.
    static let usualHeartbeatAge = 3.0
    /// Schedulers look every five seconds.
    private static let longestLookAge = 20.0

    /// Every part, in the order in which they are shown.
    package var parts: [PartHealth] {
        schedulerParts + [workflow] + workers.map(\.health) + Self.gathered(queues.map { health(of: $0) })
            + circuits.map(\.health)
    }

    /// What is unknown of many queues for one reason is one part: the reason is none of the queues'.
    private static func gathered(_ parts: [PartHealth]) -> [PartHealth] {
        let unknown = Dictionary(grouping: parts.filter { $0.state == .unknown }, by: \.reason)
            .filter { $0.value.count > most }
        let gathered = unknown.keys.sorted().compactMap { reason -> PartHealth? in
            guard let parts = unknown[reason], let first = parts.first else { return nil }
            let names = parts.compactMap(\.name).prefix(most).joined(separator: ", ")
            return PartHealth(
                first.kind, nil, .unknown, age: parts.compactMap(\.age).max(),
                "\(parts.count) of them (\(names), ...): \(reason)", remedy: first.remedy, runbook: first.runbook)
        }
        return gathered + parts.filter { $0.state != .unknown || unknown[$0.reason] == nil }
    }

    /// So many are named one by one.
    private static let most = 3

    /// What is left to say while nobody can read the rows.
    package static let unreadable: [PartHealth] = [PartHealth.Kind.scheduler, .workflow, .worker, .queue].map {
        PartHealth($0, nil, .unknown, "the rows say it, and the database does not answer", remedy: "mend the database")
    }

    // MARK: Schedulers

    private var activeSchedulers: [SchedulerFacts] { schedulers.filter { $0.state == "active" } }

    private var schedulerParts: [PartHealth] {
        let active = activeSchedulers
        guard !active.isEmpty else { return [noScheduler] }
        let works = active.contains { $0.trouble == nil }
        return active.map { scheduler in
            guard let trouble = scheduler.trouble else {
                return PartHealth(.scheduler, scheduler.name, .healthy, "every duty comes round")
            }
            return PartHealth(
                .scheduler, scheduler.name, works ? .degraded : .ill, age: trouble.age,
                trouble.words + (works ? "; another one does its work" : ""),
                remedy:
                    "look whether the process lives and what its log says; if it stands, end it: it is started again",
                runbook: "SchedulerStands")
        }
    }

    private var noScheduler: PartHealth {
        let last = schedulers.map(\.heartbeatAge).min()
        return PartHealth(
            .scheduler, nil, .ill, age: last,
            last.map { "no scheduler runs: the last one was heard of \(Self.words($0)) ago" }
                ?? "no scheduler has told of itself: none has run yet, or one of an older version runs",
            remedy: "start one: mixmyai up, or the scheduler program", runbook: "SchedulerMissing")
    }

    /// Tasks are moved on.
    private var workflow: PartHealth {
        guard let age = advanceAge else {
            return PartHealth(.workflow, nil, .unknown, "nobody has told when tasks were last moved on")
        }
        guard age > SchedulerFacts.longestSilence else {
            return PartHealth(.workflow, nil, .healthy, "tasks are moved on")
        }
        return PartHealth(
            .workflow, nil, .ill, age: age,
            "no scheduler has advanced anything for \(Self.words(age))"
                + (wakeUps > 0 ? "; \(wakeUps) task\(wakeUps == 1 ? " waits" : "s wait") for it" : ""),
            remedy: "mend the scheduler", runbook: "WorkflowBehind")
    }

    // MARK: Queues

    private func health(of queue: QueueFacts) -> PartHealth {
        func part(
            _ state: PartHealth.State, age: Double? = nil, _ reason: String, remedy: String? = nil,
            _ runbook: String? = nil
        ) -> PartHealth {
            PartHealth(.queue, queue.agentType, state, age: age, reason, remedy: remedy, runbook: runbook)
        }
        let waiting = "\(queue.waiting) step\(queue.waiting == 1 ? " waits" : "s wait")"
        if queue.workers == 0 {
            return part(
                queue.waiting > 0 ? .ill : .degraded, age: queue.canaryAge,
                "nobody consumes: no live worker serves it" + (queue.waiting > 0 ? "; \(waiting)" : ""),
                remedy: "start a worker for it: mixmyai worker scale N, or MIXMYAI_WORKER_TYPES of one that runs",
                "QueueWithoutWorker")
        }
        guard let look = queue.lookAge, look <= Self.longestLookAge else {
            return part(
                .unknown, age: queue.lookAge, "no scheduler has asked for a sign of life",
                remedy: "mend the scheduler")
        }
        guard let seen = queue.seenAge, seen <= Self.longestLookAge else {
            return part(
                .unknown, age: queue.seenAge,
                "no scheduler has heard from the broker who consumes: it does not answer, or both have just come back",
                remedy: "if it stays so for half a minute, mend the broker")
        }
        if queue.tellingWorkers == 0 {
            return part(.unknown, "its workers are of a version that does not tell what they hear")
        }
        if queue.freeWorkers == 0 {
            return part(
                .healthy,
                "every place of its \(queue.workers) worker\(queue.workers == 1 ? "" : "s") is taken; \(waiting)")
        }
        if let silence = queue.silence, silence > Canary.patience.inSeconds {
            let consumers = "\(queue.consumers) consumer\(queue.consumers == 1 ? "" : "s")"
            return part(
                .ill, age: silence,
                "workers have places free and take nothing: \(consumers) at the broker; \(waiting)",
                remedy: "look at its workers' readiness and log; end those that stay deaf: they are started again",
                "ConsumersSilent")
        }
        guard let age = queue.canaryAge else { return part(.unknown, "no canary has come back yet") }
        return part(.healthy, "a worker took its canary \(Self.words(age)) ago")
    }

    static func words(_ seconds: Double) -> String { "\(Int(seconds.rounded())) s" }
}

extension SchedulerFacts {
    /// Longer than the rounds of duties that look at much at once.
    private static let longestTurn = 30.0

    /// What stands, if something does.
    package var trouble: (words: String, age: Double)? {
        if heartbeatAge > Self.longestSilence {
            return ("it has not been heard of for \(HealthFacts.words(heartbeatAge))", heartbeatAge)
        }
        let standing = turns.filter { duty, age in
            age + heartbeatAge > (duty == "advance" || duty == "dispatch" ? Self.longestSilence : Self.longestTurn)
        }.sorted { $0.value > $1.value }
        guard let worst = standing.first else { return nil }
        let age = worst.value + heartbeatAge
        return ("its duty \(worst.key) has not come round for \(HealthFacts.words(age))", age)
    }
}

extension WorkerFacts {
    var health: PartHealth {
        let load = "\(running) of \(slots) places taken"
        if state == "lost" {
            return PartHealth(
                .worker, name, .degraded, age: heartbeatAge,
                "it was given up: it has not been heard of for \(HealthFacts.words(heartbeatAge))",
                remedy: "look whether the process lives; its steps were given to others", runbook: "WorkersMissing")
        }
        if heartbeatAge > HealthFacts.usualHeartbeatAge {
            return PartHealth(
                .worker, name, heartbeatAge > HealthFacts.longestHeartbeatAge ? .ill : .degraded, age: heartbeatAge,
                "it has not been heard of for \(HealthFacts.words(heartbeatAge)); \(load)",
                remedy: "look whether the process lives; its steps are given to others", runbook: "WorkersMissing")
        }
        if !deafTo.isEmpty {
            let types = deafTo.keys.sorted().joined(separator: ", ")
            return PartHealth(
                .worker, name, deafTo.count == agentTypes.count ? .ill : .degraded, age: deafTo.values.max(),
                "nothing comes to it from \(types) although canaries go by; it subscribes again by itself",
                remedy: "if it stays so, end the process: it is started again", runbook: "ConsumersSilent")
        }
        if state == "draining" {
            return PartHealth(.worker, name, .healthy, "it drains: \(load)")
        }
        guard let oldest = canaryAges.values.max() else { return PartHealth(.worker, name, .healthy, load) }
        return PartHealth(
            .worker, name, .healthy, "\(load); its oldest canary is \(HealthFacts.words(oldest)) old")
    }
}

extension CircuitFacts {
    var health: PartHealth {
        PartHealth(
            .provider, model.map { "\(provider)/\($0)" } ?? provider, workers == allWorkers ? .ill : .degraded,
            age: age,
            "\(workers) of \(allWorkers) workers do not call it: \(reason): \(error)",
            remedy: "mixmyai circuit reset, once the cause is mended: workers also probe by themselves",
            runbook: "AIProviderDown")
    }
}
