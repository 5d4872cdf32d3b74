import AsyncPrimitives
import FleetCore
import Synchronization

/// Tells the rows which attempts wait for a limit: people see why they do not move, and whoever takes them over from a
/// worker that died knows that they have called nobody.
///
/// Invariant: of an attempt that may have called, the rows do not say that it waits. What they were told, or may have
/// been, is taken back before the call, and an attempt that is not this worker's any more does not call.
final class LimitWaits: Sendable {
    /// Whether an attempt may make its call.
    enum Permission {
        case given
        /// Its lease is gone.
        case isTakenOver
        /// The rows could not be asked.
        case unknown
    }

    private struct Attempt: Hashable {
        var stepID: Int
        var number: Int

        init(_ step: ClaimedStep) { (stepID, number) = (step.stepID, step.attempt) }
    }

    private struct Waiting {
        /// Nil: it does not wait at present, but the rows may say that it does.
        var wait: LimitWait?
        var since: Duration
        /// What the rows were told; they may not have heard it.
        var told: LimitWait?
    }

    private struct State {
        /// Nil until the worker is registered.
        var worker: Int?
        var attempts: [Attempt: Waiting] = [:]
    }

    private typealias Note = (worker: Int, note: LimitWaitNote)

    /// Shorter waits are told to nobody: under a limit that is in use nearly every call waits for a moment.
    static let shortestTold: Duration = .milliseconds(500)
    private static let interval: Duration = .milliseconds(250)
    private static let batchLimit = 256

    private let time: any Timekeeper
    private let state = Mutex(State())
    /// In order: what is taken back was told before.
    private let notes: Batcher<Note, Result<Bool, StoreFailure>>

    /// ``run()`` has to run for anything to be told, from ``begin(worker:)`` on.
    ///
    /// - Parameter write: as ``FleetCore/StepStore/note(_:worker:)``.
    init(
        time: any Timekeeper,
        write: @escaping @Sendable ([LimitWaitNote], Int) async throws(StoreFailure) -> [Bool]
    ) {
        self.time = time
        notes = Batcher(limit: Self.batchLimit, delay: .zero) { batch in
            guard let worker = batch.first?.worker else { return [] }
            do throws(StoreFailure) {
                return try await write(batch.map(\.note), worker).map { .success($0) }
            } catch {
                return batch.map { _ in .failure(error) }
            }
        }
    }

    /// - Parameter id: of the worker whose attempts they are.
    func begin(worker id: Int) { state.withLock { $0.worker = id } }

    /// Tells what lasts, until ``finish()``.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await self.time.sleep(for: Self.interval)) != nil { self.tell() }
            }
            await notes.run()
            group.cancelAll()
        }
    }

    /// Nothing comes any more.
    func finish() { notes.finish() }

    /// An attempt that has called nobody waits, since it began to.
    func began(_ wait: LimitWait, _ step: ClaimedStep, since: Duration) {
        state.withLock { state in
            let told = state.attempts[Attempt(step)]?.told
            state.attempts[Attempt(step)] = Waiting(wait: wait, since: since, told: told)
        }
    }

    /// It waits no more, and may do so again, for another model.
    func ended(_ step: ClaimedStep) {
        state.withLock { $0.attempts[Attempt(step)]?.wait = nil }
    }

    /// The attempt is over.
    func forget(_ step: ClaimedStep) {
        state.withLock { _ = $0.attempts.removeValue(forKey: Attempt(step)) }
    }

    /// It waits no more, and wants to call.
    func endedBeforeCall(_ step: ClaimedStep) async -> Permission {
        let (worker, wasTold) = state.withLock { state in
            (state.worker, state.attempts.removeValue(forKey: Attempt(step))?.told != nil)
        }
        guard wasTold, let worker else { return .given }
        let note = LimitWaitNote(stepID: step.stepID, attempt: step.attempt, wait: nil)
        guard let isHeld = try? await notes.submit((worker, note)).get() else { return .unknown }
        return isHeld ? .given : .isTakenOver
    }

    func tell() {
        let now = time.now
        // Under the lock: what is taken back a moment later is behind it.
        state.withLock { state in
            guard let worker = state.worker else { return }
            for (attempt, waiting) in state.attempts {
                guard let wait = waiting.wait, wait != waiting.told, now - waiting.since >= Self.shortestTold else {
                    continue
                }
                state.attempts[attempt]?.told = wait
                let note = LimitWaitNote(
                    stepID: attempt.stepID, attempt: attempt.number, wait: wait, waited: now - waiting.since)
                notes.post((worker, note))
            }
        }
    }
}
