import AsyncPrimitives
import Glibc
package import Logging

/// One user's private stack on one machine: PostgreSQL, RabbitMQ, Redis and our processes, everything on 127.0.0.1.
///
/// The stack is one task tree: every process has a child task that starts it and starts it again, one child task
/// takes the stack through its life, one answers the control socket.
package actor PrivateStack {
    /// What differs between stacks.
    package struct Options: Sendable {
        /// Where everything is kept.
        package var state: StateDirectory
        /// How long all processes together may take to become ready, the preparation included.
        package var startLimit: Duration
        /// How long our processes may take to end before they are killed.
        package var drainLimit: Duration
        /// A process that fails this many times in a row while the stack starts fails the start.
        package var startAttempts: Int

        /// The limits of the product's own command line.
        package init(
            state: StateDirectory, startLimit: Duration = .seconds(120), drainLimit: Duration = .seconds(20),
            startAttempts: Int = 4
        ) {
            self.state = state
            self.startLimit = startLimit
            self.drainLimit = drainLimit
            self.startAttempts = startAttempts
        }
    }

    let options: Options
    let logger: Logger
    private let makePlan: @Sendable (StackContext) throws -> StackPlan
    private let prepare: @Sendable (StackContext) async throws -> Void
    private let reporter = StartReporter()

    /// Opened to end the stack.
    nonisolated let stopRequest = OneShot()
    /// Opened when every process has ended.
    nonisolated let ended = OneShot()

    var phase = StackStatus.State.starting
    var processes: [ManagedProcess] = []
    var plan = StackPlan.serversOnly
    var isScaling = false
    private var table: ProcessTable
    private var launches: AsyncStream<ManagedProcess>.Continuation?
    private var failure: PrivateStackError?

    /// - Parameters:
    ///   - plan: what runs on top of the servers, asked once they are ready.
    ///   - prepare: runs before that, with ready servers (migrations). Should end when its task is cancelled.
    package init(
        _ options: Options, logger: Logger,
        plan: @escaping @Sendable (StackContext) throws -> StackPlan = { _ in .serversOnly },
        prepare: @escaping @Sendable (StackContext) async throws -> Void = { _ in }
    ) {
        self.options = options
        self.logger = logger
        makePlan = plan
        self.prepare = prepare
        table = ProcessTable(state: options.state, logger: logger)
    }

    /// Ends the stack in order; ``run(whenReady:)`` returns when it has ended.
    package nonisolated func requestStop() { stopRequest.open() }

    /// Kills every process at once. Data is safe, work in progress is not finished.
    package func stopNow() async {
        stopRequest.open()
        for process in processes { await process.kill() }
    }

    /// Starts everything, keeps it running, and stops it in order when asked to or cancelled.
    ///
    /// - Parameter whenReady: called once, when every process is ready and `DIR/env` is written; cancelled when the stack is
    ///   asked to end, which waits for it. Its own end does not end the stack.
    /// - Throws: ``PrivateStackError``: `.alreadyRunning`, `.startFailed`, `.timedOut`, `.programMissing`, ...
    package func run(whenReady: @escaping @Sendable (StackContext) async -> Void = { _ in })
        async throws(PrivateStackError)
    {
        // The tree must outlive its caller's cancellation: stopping in order takes time and waits of its own.
        let tree = Task { () async -> Result<Void, PrivateStackError> in
            do throws(PrivateStackError) {
                return .success(try await self.runTree(whenReady))
            } catch {
                return .failure(error)
            }
        }
        let result = await withTaskCancellationHandler {
            await tree.value
        } onCancel: {
            stopRequest.open()
        }
        if case .failure(let error) = result {
            reporter.send(StartReport(kind: .failed, message: error.description, errorCode: error.code.rawValue))
        }
        try result.get()
    }

    private func runTree(_ whenReady: @escaping @Sendable (StackContext) async -> Void) async throws(PrivateStackError)
    {
        let state = options.state
        try state.create()
        let lock = try StackLock(state)
        defer { withExtendedLifetime(lock) {} }
        try await OrphanReaper.end(in: state, logger: logger)
        for file in [state.processes, state.environment] { try StateDirectory.remove(file) }
        let credentials = try Credentials.loadOrCreate(in: state)
        let ports = try PortBook(state)
        let context = try StackContext(state: state, credentials: credentials, ports: ports)
        let servers = try makeServers(state, credentials, ports)
        let control = try ControlServer(state)

        let (stream, continuation) = AsyncStream<ManagedProcess>.makeStream()
        launches = continuation
        await withDiscardingTaskGroup { group in
            group.addTask { await self.answer(control.conversations) }
            group.addTask {
                await self.live(context, servers: servers, whenReady: whenReady)
                control.close()
            }
            for await process in stream {
                group.addTask { await process.run() }
            }
        }
        removeTraces()
        if let failure { throw failure }
    }

    private func makeServers(
        _ state: StateDirectory, _ credentials: Credentials, _ ports: PortBook
    ) throws(PrivateStackError) -> [any SupervisedProgram] {
        [
            PostgresServer(
                state: state, password: credentials.postgresPassword, port: try ports.port(PortBook.postgres)),
            RabbitMQServer(
                state: state, password: credentials.rabbitMQPassword, port: try ports.port(PortBook.amqp),
                managementPort: try ports.port(PortBook.management),
                distributionPort: try ports.port(PortBook.distribution)),
            RedisServer(state: state, password: credentials.redisPassword, port: try ports.port(PortBook.redis)),
        ]
    }

    /// From the first start to the last end.
    private func live(
        _ context: StackContext, servers: [any SupervisedProgram],
        whenReady: @escaping @Sendable (StackContext) async -> Void
    ) async {
        do {
            try await withinStartLimit { try await self.start(context, servers: servers) }
            phase = .ready
            logger.notice("the stack is ready", metadata: ["state_directory": "\(options.state.path)"])
            reporter.send(StartReport(kind: .ready, message: "ready"))
            await withDiscardingTaskGroup { group in
                group.addTask { await whenReady(context) }
                await stopRequest.waitUnlessCancelled()
                group.cancelAll()
            }
        } catch {
            failure = error
            logger.error("the stack does not start", metadata: ["reason": "\(error)"])
        }
        await shutDown()
        launches?.finish()
        ended.open()
    }

    private func start(_ context: StackContext, servers: [any SupervisedProgram]) async throws(PrivateStackError) {
        try await bringUp(servers.map(add))
        report("PostgreSQL, RabbitMQ and Redis are ready")
        do {
            try await prepare(context)
            plan = try makePlan(context)
        } catch let error as PrivateStackError {
            throw error
        } catch {
            throw PrivateStackError(.startFailed, "preparing the stack failed: \(error)")
        }
        var specs = plan.processes
        for number in 1..<(max(0, plan.workerCount) + 1) { specs.append(try workerSpec(number)) }
        let known = processes.map(\.name) + specs.map(\.name)
        guard Set(known).count == known.count else {
            throw PrivateStackError(.conflict, "two processes of the plan have the same name")
        }
        try await bringUp(specs.map(addOwn))
        try EnvironmentFile.write(context, plan.exports, to: options.state.environment)
    }

    /// Waits until all are ready; the first failure counts.
    private func bringUp(_ processes: [ManagedProcess]) async throws(PrivateStackError) {
        let attempts = options.startAttempts
        do {
            try await withThrowingTaskGroup { group in
                for process in processes {
                    group.addTask {
                        try await process.waitUntilReady(givingUpAfter: attempts)
                        await self.report("\(process.name) is ready")
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            throw error as? PrivateStackError ?? PrivateStackError(.interrupted, "interrupted")
        }
    }

    private func report(_ message: String) {
        reporter.send(StartReport(kind: .progress, message: message))
    }

    /// Cuts `body` short when the stack shall end or the start takes too long.
    private func withinStartLimit(_ body: @escaping @Sendable () async throws -> Void) async throws(PrivateStackError) {
        let (limit, stopRequest) = (options.startLimit, stopRequest)
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await body() }
                group.addTask {
                    await stopRequest.wait(atMost: limit)
                    try Task.checkCancellation()
                    if stopRequest.isOpen { throw PrivateStackError(.interrupted, "stopped while starting") }
                    throw PrivateStackError(.timedOut, await self.lateReason(limit))
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            throw error as? PrivateStackError ?? PrivateStackError(.interrupted, "interrupted")
        }
    }

    private func lateReason(_ limit: Duration) async -> String {
        var late: [String] = []
        for process in processes {
            let status = await process.status
            if status.state != .ready { late.append(status.name + (status.lastFailure.map { ": \($0)" } ?? "")) }
        }
        return "not ready after \(limit.components.seconds) s: \(late.joined(separator: "; "))"
    }

    /// Takes a process into the task tree.
    func add(_ program: any SupervisedProgram) -> ManagedProcess {
        let process = ManagedProcess(program, state: options.state, table: table, logger: logger)
        processes.append(process)
        launches?.yield(process)
        return process
    }

    func addOwn(_ spec: ProcessSpec) -> ManagedProcess {
        add(FleetProgram(spec: spec, log: "\(options.state.log)/\(spec.name).log"))
    }

    func workerSpec(_ number: Int) throws(PrivateStackError) -> ProcessSpec {
        guard let worker = plan.worker else { throw PrivateStackError(.conflict, "this stack has no workers") }
        do {
            return try worker(number)
        } catch {
            throw error as? PrivateStackError ?? PrivateStackError(.startFailed, "worker-\(number): \(error)")
        }
    }
}
