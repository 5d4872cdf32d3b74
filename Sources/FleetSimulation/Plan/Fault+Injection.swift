import FleetCore

extension Fault {
    /// Lets it happen, and heals it after its time.
    func inject(into fleet: SimulatedFleet) {
        let world = fleet.world
        switch self {
        case .kill(let role, let pause): fleet.kill(role, pause: pause)
        case .fuse(let role, let fuse, let pause): fleet.arm(role, fuse, pause: pause)
        case .stop(let role, let duration):
            guard let process = fleet.process(role) else { return }
            process.disturb(for: duration)
            process.stop()
            fleet.loseConsumer(role, after: duration)
            world.after(duration) {
                process.resume()
                fleet.broker.connectAll()
            }
        case .terminate(let role, let pause): fleet.terminate(role, pause: pause)
        case .cut(let role, let server, let duration):
            guard let link = fleet.link(role, server) else { return }
            if server == .database { link.process.disturb(for: duration) }
            link.cut(true)
            if server == .broker { fleet.loseConsumer(role, after: duration) }
            world.after(duration) {
                link.cut(false)
                fleet.broker.connectAll()
            }
        case .loseReplies(let role, let server, let count): fleet.link(role, server)?.loseReplies(count)
        case .down(.broker, let duration), .brokerLosesData(let duration): fleet.takeBrokerDown(duration)
        case .down(let server, let duration):
            if server == .database { fleet.disturbWorkers(for: duration) }
            fleet.servers[server]?.setUp(false)
            world.after(duration) { fleet.servers[server]?.setUp(true) }
        case .outage(let duration):
            fleet.servers[.database]?.setUp(false)
            world.after(duration) { fleet.servers[.database]?.setUp(true) }
        case .slow(let server, let factor, let duration):
            if server == .database { fleet.disturbWorkers(for: duration) }
            fleet.servers[server]?.slow(by: factor)
            world.after(duration) { fleet.servers[server]?.slow(by: 1) }
        case .loseMessages(let count): fleet.broker.lose(count)
        case .duplicateMessages(let count): fleet.broker.duplicate(count)
        case .disorder(let duration):
            fleet.broker.disorder(true)
            world.after(duration) { fleet.broker.disorder(false) }
        case .flushRedis: fleet.redis.flush()
        case .clockStep(let server, let step):
            if server == .database { fleet.disturbWorkers(for: .zero) }
            fleet.stepClock(of: server, by: step)
        case .provider(let faults, let duration):
            fleet.provider.set(faults)
            world.after(duration) { fleet.provider.set(SimulatedProvider.Faults()) }
        case .refusal(let refusal, let duration):
            fleet.provider.begin(refusal)
            world.after(duration) { fleet.provider.end(refusal) }
        }
    }
}

extension SimulatedFleet {
    fileprivate func takeBrokerDown(_ duration: Duration) {
        broker.goDown()
        world.after(duration) {
            self.broker.comeBack()
            self.tellSchedulersOfBroker()
        }
    }
}
