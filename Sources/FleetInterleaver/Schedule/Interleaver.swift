import Dispatch
import FleetTesting
import PostgresClient
import Synchronization

/// Lets several sessions send one statement at a time, in an order that a seed decides.
///
/// Every party stops before each statement and between two operations. The next one is let go only when all of them
/// stand still again: at such a stop, or in the server because of a lock that another one holds. So the order of the
/// statements is the seed's alone, however fast the machine is.
package final class Interleaver: Sendable {
    /// Where a party is.
    enum Stand {
        /// Between two stops.
        case running
        /// Its statement waits for a lock of others.
        case blocked
        /// At a stop; goes on when the semaphore is signalled or the continuation resumed.
        case stopped(Stop)
        case done
    }

    enum Stop {
        case statement(String, DispatchSemaphore)
        case operation(CheckedContinuation<Void, Never>)
    }

    struct Party {
        var name: String
        var stand = Stand.running
        var backend: Int32?
        /// What it is doing, in words.
        var operation = ""
        /// Its last entry of the trace.
        var entry: Int?
        /// Backends that its statement waits for.
        var waitsFor: Set<Int32> = []
    }

    struct State {
        var parties: [Party]
        /// Counts stops: what was seen before the last one may not hold any more.
        var arrivals = 0
        var trace: [TraceEntry] = []
        var last: Int?
        var deadlocks: [String] = []
        /// Nobody is stopped any more.
        var isOpen = false
        /// Parties whose wait the present turn has ended or changed.
        var freed: Set<Int> = []
        /// Turns before the first one that ended several waits at once: which of those goes first is the server's to say.
        var exactTurns: Int?

        mutating func isFreed(_ party: Int) {
            guard !parties[party].waitsFor.isEmpty else { return }
            parties[party].waitsFor = []
            freed.insert(party)
            if freed.count > 1, exactTurns == nil { exactTurns = trace.count }
        }
    }

    /// Nothing has moved for a long time, and nobody can be let go.
    package struct Stuck: Error, CustomStringConvertible {
        package let description: String
    }

    private static let patience: Duration = .seconds(10)

    let state: Mutex<State>
    let changed = DispatchSemaphore(value: 0)
    private let stickiness: Double
    private let generator: Mutex<SeededGenerator>

    /// - Parameters:
    ///   - stickiness: chance, 0 to 1, that the party goes on whose turn it was.
    init(parties: [String], seed: UInt64, stickiness: Double) {
        state = Mutex(State(parties: parties.map { Party(name: $0) }))
        generator = Mutex(SeededGenerator(seed: seed))
        self.stickiness = stickiness
    }

    /// The turns so far.
    package var trace: [TraceEntry] { state.withLock { $0.trace } }
    /// Statements that the server has ended because of a deadlock, also those that were tried again: locks that are
    /// taken in one order by everybody need no second try.
    package var deadlocks: [String] { state.withLock { $0.deadlocks } }
    /// The number of the present turn.
    var now: Int { state.withLock { $0.trace.count } }
    /// Turns that the seed alone has decided.
    var exactTurns: Int { state.withLock { $0.exactTurns ?? $0.trace.count } }

    // MARK: The schedule

    /// Lets one party after another go until all are done. Blocks: runs on the observer's thread.
    func run(_ observer: PostgresSession) throws {
        do {
            repeat { try settle(observer) } while try letOneGo()
        } catch {
            letAllGo()
            throw error
        }
    }

    /// Waits until every party stands still.
    private func settle(_ observer: PostgresSession) throws {
        let end = ContinuousClock.now + Self.patience
        // Number of stops when the last look found that all who were under way wait for locks.
        var quietSince: Int?
        while true {
            let (pending, isFresh, arrivals) = state.withLock { state in
                let pending = state.parties.indices.filter { state.parties[$0].stand.isUnderWay }
                return (pending, pending.contains { state.parties[$0].stand.isRunning }, state.arrivals)
            }
            if pending.isEmpty || quietSince == arrivals { return }
            // Most statements are answered before it is worth asking what they wait for.
            if changed.wait(timeout: .now() + (isFresh ? .milliseconds(1) : .microseconds(1))) == .success { continue }
            if try areAllBlocked(pending, after: arrivals, observer) { quietSince = arrivals }
            if ContinuousClock.now > end { throw Stuck(description: "nothing moves: \(standings)") }
        }
    }

    /// The next turn; false: all parties are done.
    private func letOneGo() throws -> Bool {
        let stop = try state.withLock { state -> Stop? in
            let ready = state.parties.indices.filter { state.parties[$0].stand.isStopped }
            guard !ready.isEmpty else {
                guard state.parties.allSatisfy(\.stand.isDone) else {
                    throw Stuck(description: "all who are left wait for locks")
                }
                return nil
            }
            let chosen = choose(among: ready, last: state.last)
            guard case .stopped(let stop) = state.parties[chosen].stand else { return nil }
            state.last = chosen
            state.freed = []
            state.parties[chosen].stand = .running
            if case .statement(let name, _) = stop {
                state.parties[chosen].entry = state.trace.count
                state.trace.append(
                    TraceEntry(
                        number: state.trace.count + 1, party: state.parties[chosen].name,
                        operation: state.parties[chosen].operation, statement: name))
            }
            return stop
        }
        stop?.release()
        return stop != nil
    }

    /// The run has failed: whatever stands goes on, in no order.
    private func letAllGo() {
        let stops = state.withLock { state -> [Stop] in
            state.isOpen = true
            return state.parties.compactMap { if case .stopped(let stop) = $0.stand { stop } else { nil } }
        }
        for stop in stops { stop.release() }
    }

    private func choose(among ready: [Int], last: Int?) -> Int {
        generator.withLock { generator in
            if let last, ready.contains(last), Double.random(in: 0..<1, using: &generator) < stickiness { return last }
            return ready[Int.random(in: 0..<ready.count, using: &generator)]
        }
    }

    private var standings: String {
        state.withLock { state in
            state.parties.filter { !$0.stand.isDone }.map { "\($0.name) \($0.stand.word) in \($0.operation)" }
                .joined(separator: "; ")
        }
    }
}

extension Interleaver.Stop {
    func release() {
        switch self {
        case .statement(_, let semaphore): semaphore.signal()
        case .operation(let continuation): continuation.resume()
        }
    }
}

extension Interleaver.Stand {
    var isRunning: Bool { if case .running = self { true } else { false } }
    var isStopped: Bool { if case .stopped = self { true } else { false } }
    var isDone: Bool { if case .done = self { true } else { false } }
    var isUnderWay: Bool { !isStopped && !isDone }

    var word: String {
        switch self {
        case .running: "runs"
        case .blocked: "waits for a lock"
        case .stopped: "stands"
        case .done: "is done"
        }
    }
}
