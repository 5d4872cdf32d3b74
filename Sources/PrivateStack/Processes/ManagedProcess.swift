import AsyncPrimitives
import Glibc
import Logging

/// Keeps one process running: starts it, watches it, starts it again.
///
/// ``run()`` is the process's one loop; the other methods change what the loop wants.
actor ManagedProcess {
    private enum Goal {
        case running
        /// Ended until somebody asks for it again.
        case stopped
        /// Ended for good: ``ManagedProcess/run()`` returns.
        case retired
    }

    nonisolated let program: any SupervisedProgram
    private let table: ProcessTable
    private let log: LogFile
    private let logger: Logger

    private var goal = Goal.running
    private var phase = StackStatus.Process.State.starting
    private var child: ChildProcess?
    private var startedAt = ContinuousClock.now
    private var starts = 0
    private var policy = RestartPolicy()
    private var lastFailure: String?
    private var isRestarting = false
    /// Opened, and replaced, to cut a pause short.
    private var pauseInterrupt = OneShot()

    nonisolated var name: String { program.name }

    init(_ program: any SupervisedProgram, state: StateDirectory, table: ProcessTable, logger: Logger) {
        self.program = program
        self.table = table
        self.logger = logger
        log = LogFile(path: "\(state.log)/\(program.name).log")
    }

    /// Runs until ``retire()``.
    func run() async {
        while goal != .retired {
            guard goal == .running else {
                phase = .stopped
                await pauseInterrupt.waitUnlessCancelled()
                continue
            }
            let pause = await runOnce()
            if goal == .running && pause > .zero {
                phase = .backingOff
                pauseInterrupt = OneShot()
                await pauseInterrupt.wait(atMost: pause)
            }
        }
        phase = .stopped
    }

    /// One start to one end.
    ///
    /// - Returns: how long to wait before the next.
    private func runOnce() async -> Duration {
        phase = .starting
        startedAt = .now
        log.rotate()
        let offset = log.size
        let child: ChildProcess
        do {
            let launch = try await program.prepare()
            guard goal == .running else { return .zero }
            child = try await ChildProcess.spawn(launch, name: name)
        } catch {
            return failed(error.description, wasReady: false, saying: log.lastLines(3, after: offset))
        }
        self.child = child
        startedAt = .now
        starts += 1
        table.started(program, child.identity)
        logger.info("started", metadata: ["name": "\(name)", "pid": "\(child.pid)"])
        // A stop that came while the child was being started found nobody to signal.
        if goal != .running { child.signal(program.stopSignal) }

        let status = await withTaskGroup { group in
            group.addTask { await self.watch(child) }
            let status = await child.exit()
            group.cancelAll()
            return status
        }
        let wasReady = phase == .ready
        self.child = nil
        table.ended(child.identity)
        if goal != .running || isRestarting {
            isRestarting = false
            policy.reset()
            logger.info("ended", metadata: ["name": "\(name)", "status": "\(status)"])
            return .zero
        }
        // Who is killed had no time to say why: the last line of the log would only look like a reason.
        return failed(
            "\(status)", wasReady: wasReady,
            saying: status == .signalled(SIGKILL) ? [] : log.lastLines(3, after: offset))
    }

    private func failed(_ reason: String, wasReady: Bool, saying lines: [String]) -> Duration {
        let text = ([reason] + lines).joined(separator: " | ")
        lastFailure = text
        let lived = ContinuousClock.now - startedAt
        let pause = policy.pause(wasReady: wasReady, lived: lived, first: program.restartPause)
        logger.warning(
            "ended unexpectedly",
            metadata: [
                "name": "\(name)", "reason": "\(text)", "failures_in_a_row": "\(policy.failures)",
                "next_start_in_ms": "\(Int(pause / .milliseconds(1)))",
            ])
        return pause
    }

    /// Waits for readiness, then for the data of a server to vanish. Ends with the child.
    private func watch(_ child: ChildProcess) async {
        while !Task.isCancelled {
            if self.child === child && phase == .starting, await program.isReady() {
                becameReady(child)
            }
            if !Task.isCancelled && !program.isDataIntact() {
                logger.warning("data was deleted while running: starting over", metadata: ["name": "\(name)"])
                child.signal(9)
                return
            }
            try? await Task.sleep(for: phase == .starting ? .milliseconds(50) : .seconds(1))
        }
    }

    private func becameReady(_ child: ChildProcess) {
        // The answer may come from a child that has ended meanwhile.
        guard self.child === child, phase == .starting else { return }
        phase = .ready
        logger.info(
            "ready",
            metadata: ["name": "\(name)", "after_ms": "\(Int((ContinuousClock.now - startedAt) / .milliseconds(1)))"])
    }

    private func ring() {
        pauseInterrupt.open()
        pauseInterrupt = OneShot()
    }

    /// Asks the process to end, and kills it after the time is over.
    ///
    /// - Parameter grace: nil for the program's own.
    func stop(within grace: Duration? = nil) async {
        if goal == .running { goal = .stopped }
        await end(within: grace)
    }

    /// Asks the process to finish what it has and to end, and waits for nothing; a later stop sets it a limit.
    func drain() {
        guard goal == .running else { return }
        goal = .stopped
        ring()
        guard let child else { return }
        phase = .stopping
        // One that has not been ready may not listen for the signal yet: it has nothing in flight either.
        child.signal(program.drainSignal)
    }

    /// As ``stop(within:)``, and ``run()`` returns.
    func retire(within grace: Duration? = nil) async {
        goal = .retired
        await end(within: grace)
    }

    private func end(within grace: Duration?) async {
        ring()
        guard let child else { return }
        phase = .stopping
        child.signal(program.stopSignal)
        let limit = grace ?? program.stopGrace
        await withTaskGroup { group in
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return }
                self.logger.warning("did not end in time: killed", metadata: ["name": "\(self.name)"])
                child.signal(9)
            }
            _ = await child.exit()
            group.cancelAll()
        }
        // Whoever asked for the end finds it in the table, whether or not ``run()`` has seen it yet.
        table.ended(child.identity)
    }

    /// Ends the process at once, for good.
    func kill() {
        goal = .retired
        ring()
        child?.signal(9)
    }

    /// Starts a stopped process, or one that waits for its next start.
    func start() {
        guard goal != .retired else { return }
        goal = .running
        policy.reset()
        ring()
    }

    /// Ends it in order and starts it again.
    func restart() async {
        guard goal == .running else { return start() }
        isRestarting = child != nil
        policy.reset()
        await end(within: nil)
    }

    /// Waits until the process is ready.
    ///
    /// - Parameter failures: gives up after this many failed starts in a row; nil for never.
    /// - Throws: `.startFailed`, `.interrupted`.
    func waitUntilReady(givingUpAfter failures: Int?) async throws(PrivateStackError) {
        while phase != .ready || child == nil {
            if let failures, policy.failures >= failures {
                throw PrivateStackError(.startFailed, "\(name) does not start: \(lastFailure ?? "unknown reason")")
            }
            guard goal == .running else { throw PrivateStackError(.interrupted, "\(name) was stopped") }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw PrivateStackError(.interrupted, "interrupted while \(name) was starting")
            }
        }
    }

    var status: StackStatus.Process {
        StackStatus.Process(
            name: name, role: program.role, state: phase, pid: child?.pid,
            uptimeSeconds: child == nil ? nil : (ContinuousClock.now - startedAt) / .seconds(1),
            restarts: max(0, starts - 1), lastFailure: lastFailure,
            metricsURL: program.metricsPort.map { "http://127.0.0.1:\($0)/metrics" })
    }
}
