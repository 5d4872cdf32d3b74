import PostgresClient
import Synchronization

/// Who waits in the server for whom.
extension Interleaver {
    private static let blockers = PostgresStatement(
        "interleaver_blockers",
        "SELECT p.pid, pg_blocking_pids(p.pid) AS blockers FROM unnest($1::int4[]) AS p (pid)")

    /// Looks which of the parties wait for locks of others, and notes it.
    ///
    /// - Parameter arrivals: stops when these were the ones under way.
    /// - Returns: all of them do, nobody has come to a stop meanwhile, and no deadlock is among them: those the server
    ///   ends by itself, soon.
    func areAllBlocked(_ pending: [Int], after arrivals: Int, _ observer: PostgresSession) throws -> Bool {
        let backends = state.withLock { state in pending.map { state.parties[$0].backend } }
        // One without a connection yet is making it.
        guard !backends.contains(nil) else { return false }
        let rows = try observer.execute(Self.blockers, [.int4Array(backends.compactMap(\.self))])
        let blockers: [Int32: Set<Int32>] = try rows.dictionary { row in
            (Int32(try row("pid") as Int), Set((try row("blockers") as [Int]).map { Int32($0) }))
        }
        return state.withLock { state in
            guard state.arrivals == arrivals else { return false }
            let known = Set(state.parties.compactMap(\.backend))
            var areAll = true
            for index in pending {
                let waitsFor = state.parties[index].backend.flatMap { blockers[$0] } ?? []
                // Others than the parties let go by themselves.
                guard !waitsFor.isEmpty, waitsFor.isSubset(of: known) else {
                    state.parties[index].stand = .running
                    state.isFreed(index)
                    areAll = false
                    continue
                }
                if state.parties[index].stand.isRunning { state.note(index, waitsFor: waitsFor) }
                if state.parties[index].waitsFor != waitsFor { state.isFreed(index) }
                state.parties[index].waitsFor = waitsFor
                state.parties[index].stand = .blocked
            }
            return areAll && !Self.hasCycle(blockers)
        }
    }

    private static func hasCycle(_ blockers: [Int32: Set<Int32>]) -> Bool {
        blockers.keys.contains { start in
            var seen: Set<Int32> = []
            var open = blockers[start] ?? []
            while let next = open.popFirst() {
                if next == start { return true }
                if seen.insert(next).inserted { open.formUnion(blockers[next] ?? []) }
            }
            return false
        }
    }
}

extension Interleaver.State {
    fileprivate mutating func note(_ index: Int, waitsFor backends: Set<Int32>) {
        guard let entry = parties[index].entry, trace[entry].outcome.isEmpty else { return }
        let names = parties.filter { $0.backend.map(backends.contains) ?? false }.map(\.name)
        trace[entry].outcome = "waits for \(names.joined(separator: ", ")), then "
    }
}
