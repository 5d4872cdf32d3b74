/// One call of publish on its way.
///
/// `@unchecked Sendable`: the caller only creates it and names it in commands; the variables are read and written
/// on the owner thread alone.
final class PublishRequest: @unchecked Sendable {
    typealias Continuation = CheckedContinuation<Result<Void, AMQPError>, Never>

    let messages: [AMQPMessage]
    let deadline: Instant
    /// The position of the first message never sent.
    private(set) var nextIndex = 0

    private var continuation: Continuation?
    private var unsettledCount: Int
    private var failedIndices: [Int] = []
    private var failure: AMQPError?
    /// Also before the request has begun: its task was cancelled first.
    private(set) var isFinished = false

    init(_ messages: [AMQPMessage], deadline: Instant) {
        self.messages = messages
        self.deadline = deadline
        unsettledCount = messages.count
    }

    /// Takes the continuation that every end of the request resumes.
    func begin(_ continuation: Continuation) {
        if isFinished { continuation.resume(returning: result) } else { self.continuation = continuation }
    }

    func takeNextIndex() -> Int {
        defer { nextIndex += 1 }
        return nextIndex
    }

    /// One message came to its end; without an error it is safe with the broker.
    func settle(_ index: Int, error: AMQPError?) {
        guard !isFinished else { return }
        if let error {
            failedIndices.append(index)
            failure = failure ?? error
        }
        unsettledCount -= 1
        if unsettledCount == 0 { finish() }
    }

    /// Gives up. `unsettled` are the messages sent, of which the fate is unknown.
    func fail(_ error: AMQPError, unsettled: [Int]) {
        guard !isFinished else { return }
        failedIndices += unsettled
        failedIndices += Array(nextIndex..<messages.count)
        failure = error
        finish()
    }

    private func finish() {
        isFinished = true
        continuation?.resume(returning: result)
        continuation = nil
    }

    private var result: Result<Void, AMQPError> {
        failure.map { .failure($0.failing(failedIndices.sorted())) } ?? .success(())
    }
}
