import AMQPClient
import ArgumentParser
import FleetBus
import FleetCore
import FleetStore
import PostgresClient

/// `fleet-bench submit`: hands in tasks on the gateway's way, from the checked body on.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submits tasks and wakes the scheduler.")

    @Option(help: "How many tasks.") var tasks: Int
    @Option(help: "Tasks per transaction.") var batch = 100
    @Option(help: "Tasks per second, one transaction each, evenly spaced; 0: batches as fast as it goes.")
    var rate = 0.0
    @Option(help: "File that gets `task,submitted` of every task, in microseconds.") var log: String?

    /// 400 bytes.
    private static let description = String(
        String(repeating: "Look at the figures of the last year and say what follows. ", count: 7).prefix(400))

    func run() async throws {
        let servers = Servers()
        let pool = try servers.database(connections: 4)
        let publisher = try AMQPPublisher(
            configuration: servers.broker("submit"), topology: FleetTopology.wakeTopology, logger: servers.logger)
        let sender = AMQPSchedulerNudger(publisher: publisher)
        let repository = PostgresTaskRepository(pool: pool)
        let measured = log.map { MeasuredLog(path: $0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await publisher.run() }
            group.addTask { await sender.run() }
            try await publisher.waitUntilReady(timeout: .seconds(15))
            if rate > 0 {
                try await submitEvenly(repository, sender, measured)
            } else {
                try await submitBatches(repository, sender, measured)
            }
            sender.finish()
            await publisher.shutdown()
            group.cancelAll()
        }
        await pool.shutdown()
        try measured?.save()
    }

    private func submitBatches(
        _ repository: PostgresTaskRepository, _ sender: AMQPSchedulerNudger, _ measured: MeasuredLog?
    ) async throws {
        var left = tasks
        while left > 0 {
            try await submit(min(batch, left), repository, sender, measured)
            left -= batch
        }
    }

    /// An open loop: a late answer does not delay the next submission.
    private func submitEvenly(
        _ repository: PostgresTaskRepository, _ sender: AMQPSchedulerNudger, _ measured: MeasuredLog?
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup { group in
            for number in 0..<tasks {
                try await clock.sleep(until: start + .seconds(Double(number) / rate))
                group.addTask { try await self.submit(1, repository, sender, measured) }
            }
            try await group.waitForAll()
        }
    }

    private func submit(
        _ count: Int, _ repository: PostgresTaskRepository, _ sender: AMQPSchedulerNudger, _ measured: MeasuredLog?
    ) async throws {
        let new = (0..<count).map { _ in
            NewTask(
                userID: "bench",
                submission: TaskSubmission(title: "A task of the benchmark", description: Self.description))
        }
        let now = String(WallClock.microseconds)
        _ = try await repository.submit(new)
        sender.wakeScheduler()
        for task in new { measured?.add(task.id, now) }
    }
}
