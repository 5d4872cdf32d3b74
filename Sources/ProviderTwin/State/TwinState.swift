import JSON
import Synchronization

/// The twin's only shared mutable state: settings, windows and counters behind one lock, held for a few hundred
/// nanoseconds per request.
final class TwinState: Sendable {
    /// What was drawn for one request when it arrived.
    struct Draw {
        var fault: FaultKind?
        var behaviour: TwinBehaviour
    }

    /// Whether a request may pass, and what its rate-limit headers say.
    struct Verdict {
        var failure: ProviderFailure?
        var limits: RateLimitSnapshot?
        /// The tokens of the prompt, as far as the request was admitted.
        var usage = Usage()
    }

    private struct WindowKey: Hashable {
        var credential: String
        var model: String
    }

    private struct Storage {
        var behaviour: TwinBehaviour
        var windows: [WindowKey: SlidingWindow] = [:]
        var counters = TwinCounters()
        var bill = Bill()
        var cache = PromptCache()
        var calls: UInt64 = 0
    }

    private let storage: Mutex<Storage>
    private let seed: UInt64
    private let now: @Sendable () -> UInt64

    /// - Parameter now: monotonic nanoseconds
    init(seed: UInt64, behaviour: TwinBehaviour, now: @escaping @Sendable () -> UInt64) {
        self.seed = seed
        self.now = now
        storage = Mutex(Storage(behaviour: behaviour))
    }

    /// Counts a request in and draws its fault. The draw follows the arrival order, so a repeated request is drawn anew.
    func begin() -> Draw {
        storage.withLock { storage in
            storage.counters.begin()
            storage.calls += 1
            let behaviour = storage.behaviour
            var dice = Draws(StableHash.mix(seed ^ 0xFA17) ^ storage.calls)
            return Draw(fault: behaviour.faults.fault(draw: dice.fraction()), behaviour: behaviour)
        }
    }

    func end(_ outcome: CallOutcome, _ line: BillLine) {
        storage.withLock { storage in
            storage.counters.end(outcome)
            storage.bill.add(line)
        }
    }

    /// Takes a request's place in the windows of its credential and model, or says which limit is in the way.
    ///
    /// Requests that are cut off or never answered are admitted too. `refusal` is an injected reply that takes no
    /// place: an injected 429, 500, 503 or 529 counts in no window.
    func admit(_ request: TwinRequest, credential: String, outputTokens: Int, refusal: ProviderFailure?) -> Verdict {
        let key = WindowKey(credential: credential, model: request.model)
        return storage.withLock { storage in
            let now = now()
            let limits = CredentialLimits(
                requestsPerMinute: storage.behaviour.requestsPerMinute,
                tokensPerMinute: storage.behaviour.tokensPerMinute
            )
            // In place through the default subscript: the ring is never copied.
            var verdict = Self.admit(
                into: &storage.windows[key, default: SlidingWindow()], now: now, limits: limits, request: request,
                outputTokens: outputTokens, refusal: refusal
            )
            guard verdict.failure == nil else { return verdict }
            let (read, write) = storage.cache.use(request, credential: credential, now: now)
            verdict.usage = Usage(
                uncachedInput: request.inputTokens - read - write, cacheRead: read, cacheWrite: write)
            return verdict
        }
    }

    private static func admit(
        into window: inout SlidingWindow, now: UInt64, limits: CredentialLimits, request: TwinRequest,
        outputTokens: Int,
        refusal: ProviderFailure?
    ) -> Verdict {
        window.advance(to: now)
        var verdict = Verdict(failure: refusal)
        if refusal == nil {
            let excess = limits.excess(
                provider: request.endpoint.provider, window: window, now: now, inputTokens: request.inputTokens,
                outputTokens: outputTokens
            )
            if let excess {
                verdict.failure = .rateLimited(model: request.model, excess: excess)
            } else {
                window.admit(at: now, inputTokens: request.inputTokens, outputTokens: outputTokens)
            }
        }
        verdict.limits = limits.snapshot(window: window, now: now)
        return verdict
    }

    /// Changes the behaviour and returns the new one.
    func apply(_ control: TwinControl) -> TwinBehaviour {
        storage.withLock { storage in
            control.apply(to: &storage.behaviour)
            if control.resetsStats {
                storage.counters.reset()
                storage.bill = Bill()
                for key in storage.windows.keys { storage.windows[key]?.restartMeasuring() }
            }
            return storage.behaviour
        }
    }

    /// A consistent copy of the counters.
    var counters: TwinCounters { storage.withLock { $0.counters } }

    /// The sum of the bill in micro-dollars.
    var billedMicroUSD: Int { storage.withLock { $0.bill.microUSD } }

    /// The body of `GET /twin/bill`: JSON lines.
    func billLines() -> [UInt8] {
        let bill = storage.withLock { $0.bill }
        return bill.jsonLines
    }

    /// The body of `GET /twin/stats`.
    func stats() -> [UInt8] {
        let (counters, windows, billed, dropped) = storage.withLock {
            ($0.counters, $0.windows.mapValues(\.maxima), $0.bill.microUSD, $0.bill.droppedLines)
        }
        var json = JSONWriter(reservingCapacity: 1024)
        json.beginObject()
        json.field("requests", counters.requests)
        json.table("by_status", counters.byStatus.map { (String($0.key), $0.value) })
        json.table("by_endpoint", counters.byEndpoint.map { ($0.key.path, $0.value) })
        json.table("by_model", counters.byModel.map { ($0.key, $0.value) })
        json.field("input_tokens", counters.inputTokens)
        json.field("output_tokens", counters.outputTokens)
        json.field("in_flight", counters.inFlight)
        json.field("max_in_flight", counters.maxInFlight)
        json.field("billed_micro_usd", billed)
        json.field("bill_lines_dropped", dropped)
        json.key("windows")
        json.beginArray()
        let order = windows.keys.sorted { ($0.credential, $0.model) < ($1.credential, $1.model) }
        for key in order {
            guard let maxima = windows[key], maxima.requests > 0 else { continue }
            json.beginObject()
            json.field("key", key.credential)
            json.field("model", key.model)
            json.field("max_requests_60s", maxima.requests)
            json.field("max_input_tokens_60s", maxima.inputTokens)
            json.field("max_output_tokens_60s", maxima.outputTokens)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func table(_ name: String, _ rows: [(String, Int)]) {
        key(name)
        beginObject()
        for (label, count) in rows.sorted(by: { $0.0 < $1.0 }) {
            key(label)
            write(count)
        }
        endObject()
    }
}
