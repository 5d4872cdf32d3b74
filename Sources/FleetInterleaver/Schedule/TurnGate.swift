import Dispatch
package import PostgresClient
import Synchronization

/// A party's way to the interleaver: holds its session's statements and its operations until it is its turn.
///
/// One for the lifetime of a connection; between two runs everything passes.
package final class TurnGate: StatementGate {
    private struct Attachment {
        var interleaver: Interleaver
        var party: Int
        var fault: PlantedFault?
    }

    private let attachment = Mutex<Attachment?>(nil)
    private let turn = DispatchSemaphore(value: 0)

    func attach(_ interleaver: Interleaver, party: Int, fault: PlantedFault?) {
        attachment.withLock { $0 = Attachment(interleaver: interleaver, party: party, fault: fault) }
    }

    func detach() {
        attachment.withLock { $0 = nil }
    }

    private var current: Attachment? { attachment.withLock { $0 } }

    package func admit(_ statement: PostgresStatement, backend: Int32) -> PostgresStatement {
        guard let current else { return statement }
        current.interleaver.arrive(current.party, at: .statement(statement.name, turn), backend: backend)
        turn.wait()
        return current.fault?.replacement(of: statement) ?? statement
    }

    package func answered(_ statement: PostgresStatement, _ answer: Result<Int, PostgresError>) {
        guard let current else { return }
        current.interleaver.answered(current.party, statement.name, answer)
    }

    /// Waits until the party may begin its next operation.
    func nextOperation() async {
        guard let current else { return }
        await withCheckedContinuation { continuation in
            current.interleaver.arrive(current.party, at: .operation(continuation), backend: nil)
        }
    }

    /// What the party does from now on, in words.
    func begins(_ operation: String) {
        guard let current else { return }
        current.interleaver.begins(current.party, operation)
    }

    /// The party has nothing left to do.
    func isDone() {
        guard let current else { return }
        current.interleaver.isDone(current.party)
    }
}

extension Interleaver {
    func arrive(_ party: Int, at stop: Stop, backend: Int32?) {
        let isOpen = state.withLock { state in
            state.isFreed(party)
            state.parties[party].stand = .stopped(stop)
            if let backend { state.parties[party].backend = backend }
            state.arrivals += 1
            return state.isOpen
        }
        if isOpen { stop.release() } else { changed.signal() }
    }

    func isDone(_ party: Int) {
        state.withLock { state in
            state.isFreed(party)
            state.parties[party].stand = .done
            state.arrivals += 1
        }
        changed.signal()
    }

    func begins(_ party: Int, _ operation: String) {
        state.withLock { state in
            state.parties[party].operation = operation
            state.trace.append(
                TraceEntry(number: state.trace.count + 1, party: state.parties[party].name, operation: operation))
        }
    }

    func answered(_ party: Int, _ statement: String, _ answer: Result<Int, PostgresError>) {
        state.withLock { state in
            guard let entry = state.parties[party].entry else { return }
            switch answer {
            case .success(let count): state.trace[entry].outcome += count == 0 ? "-" : "\(count)"
            case .failure(let error):
                state.trace[entry].outcome += "\(error)"
                if error.code == .deadlockDetected {
                    state.deadlocks.append(
                        "\(state.parties[party].name), \(state.parties[party].operation): \(statement)")
                }
            }
        }
    }
}
