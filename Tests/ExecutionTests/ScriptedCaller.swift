import FleetCore
import Synchronization

/// Gives its answers in order, and keeps what it was asked.
final class ScriptedCaller: ModelCaller {
    private let script: Mutex<[Result<String, ModelFailure>]>
    let requests = Mutex<[ModelRequest]>([])

    private let usage: ReportedUsage

    init(
        _ script: [Result<String, ModelFailure>],
        usage: ReportedUsage = ReportedUsage(TokenUsage(uncachedInputTokens: 10, outputTokens: 5))
    ) {
        self.script = Mutex(script)
        self.usage = usage
    }

    func call(_ request: ModelRequest) async throws(ModelFailure) -> ModelReply {
        requests.withLock { $0.append(request) }
        let next = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch next {
        case .success(let text): return ModelReply(text: text, usage: usage)
        case .failure(let failure): throw failure
        case nil: throw ModelFailure(.serverError, message: "the script is over")
        }
    }
}
