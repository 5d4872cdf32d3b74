import Scheduling
import Synchronization

/// How the fleet's processes begin, end and are replaced.
extension SimulatedFleet {
    private static let heartbeatTimeout: Duration = .seconds(4)

    func startAll() {
        for role in roles { start(role) }
    }

    /// Starts a process in a role, unless somebody has taken the place of the last one already.
    func start(_ role: ProcessRole, after predecessor: SimulatedProcess? = nil) {
        guard !state.withLock({ $0.isClosed || $0.processes[role] !== predecessor }) else { return }
        let process = SimulatedProcess(name: "\(role)", world: world)
        let links = servers.mapValues { NetworkPath(from: process, to: $0, dice: dice) }
        state.withLock { state in
            state.processes[role] = process
            state.links[role] = links
            state.consumers[role] = nil
            state.stopping[role] = {}
            state.running += 1
        }
        world.start {
            switch role {
            case .worker: await self.runWorker(role, process, links)
            case .scheduler: await self.runScheduler(role, process, links)
            }
            let isTerminated = self.state.withLock { state in
                state.running -= 1
                return state.stopping[role] == nil
            }
            // It could not begin: its supervisor starts it again.
            if process.isAlive && !isTerminated && self.process(role) === process {
                process.kill()
                self.world.after(.milliseconds(500)) { self.start(role, after: process) }
            }
        }
    }

    /// kill -9, and a successor after a while.
    func kill(_ role: ProcessRole, pause: Duration) {
        guard let process = process(role), process.isAlive else { return }
        process.kill()
        world.after(pause) { self.start(role, after: process) }
    }

    /// kill -9 at one of the next effects.
    func arm(_ role: ProcessRole, _ fuse: SimulatedProcess.Fuse, pause: Duration) {
        guard let process = process(role), process.isAlive else { return }
        process.onDeath { [world] in world.after(pause) { self.start(role, after: process) } }
        process.arm(fuse)
    }

    /// SIGTERM, and a successor once the process has ended.
    func terminate(_ role: ProcessRole, pause: Duration) {
        guard let process = process(role), process.isAlive, let stop = state.withLock({ $0.stopping[role] }) else {
            return
        }
        state.withLock { $0.stopping[role] = nil }
        world.start {
            await stop()
            await process.pause(for: pause)
            if process.isAlive && self.process(role) === process {
                process.kill()
                self.start(role, after: process)
            }
        }
    }

    /// Heals everything; whoever was killed is started again.
    func heal() {
        for server in SimulatedServer.Name.allCases {
            servers[server]?.slow(by: 1)
            servers[server]?.setUp(true)
        }
        broker.comeBack()
        tellSchedulersOfBroker()
        broker.disorder(false)
        broker.stopLosing()
        provider.set(SimulatedProvider.Faults())
        provider.endRefusals()
        for role in roles {
            process(role)?.resume()
            for server in SimulatedServer.Name.allCases { link(role, server)?.cut(false) }
        }
        broker.connectAll()
    }

    /// Ends every process in order, as an operator would.
    func shutDown() {
        state.withLock { $0.isClosed = true }
        for role in roles { terminate(role, pause: .zero) }
    }

    /// A worker that does not reach the broker loses its deliveries when its heartbeats run out there.
    func loseConsumer(_ role: ProcessRole, after cut: Duration) {
        guard cut > Self.heartbeatTimeout, let consumer = state.withLock({ $0.consumers[role] }) else { return }
        world.after(Self.heartbeatTimeout) { self.broker.dropConnection(consumer) }
    }

    /// Their connections to the broker are new ones.
    func tellSchedulersOfBroker() {
        for scheduler in state.withLock({ Array($0.schedulers.values) }) { scheduler.brokerReturned() }
    }

    /// A nudge to whichever scheduler hears it.
    func wakeScheduler() {
        world.after(dice.duration(.milliseconds(1), .milliseconds(5))) {
            guard self.servers[.broker]?.isUp ?? false else { return }
            let schedulers = self.state.withLock { $0.schedulers }
            let roles = schedulers.keys.sorted { "\($0)" < "\($1)" }
            if let role = self.dice.pick(roles) { schedulers[role]?.wake() }
        }
    }
}
