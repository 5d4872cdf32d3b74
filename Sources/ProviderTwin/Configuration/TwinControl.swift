import JSON

/// A checked `/twin/control` request: what to change, everything else stays.
///
/// `faults` replaces the whole fault plan; null (or `{}`) ends all faults. Nothing is changed when any part is wrong.
struct TwinControl: Sendable {
    private(set) var resetsStats = false
    private var changes: [@Sendable (inout TwinBehaviour) -> Void] = []

    private static let allowed =
        "latency_ms, rpm, tpm, faults, flagged_text, reset_stats, retry_after_seconds, timeout_seconds, "
        + "slow_bytes_pause_ms, answers, disconnect_billing"

    /// - Throws: `TwinError` saying where the body is no JSON, or naming the key and what is allowed.
    init(body: some Collection<UInt8>) throws {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw TwinError(code: .invalidJSON, message: "the body is not JSON: \(error)")
        }
        guard case .object(let object) = json else { throw Self.invalid("the body is not a JSON object") }
        for member in object.members {
            try read(member.key, member.value)
        }
    }

    func apply(to behaviour: inout TwinBehaviour) {
        for change in changes { change(&behaviour) }
    }

    private mutating func read(_ key: String, _ value: JSONValue) throws {
        switch key {
        case "latency_ms":
            let latency = try Self.latency(value)
            changes.append { $0.latency = latency }
        case "rpm":
            let limit = try Self.limit(key, value)
            changes.append { $0.requestsPerMinute = limit }
        case "tpm":
            let limit = try Self.limit(key, value)
            changes.append { $0.tokensPerMinute = limit }
        case "faults":
            let plan = try Self.faults(value)
            changes.append { $0.faults = plan }
        case "flagged_text":
            guard value.isNull || value.string?.isEmpty == false else {
                throw Self.invalid("flagged_text must be a text that is not empty, or null")
            }
            changes.append { $0.flaggedText = value.string }
        case "reset_stats":
            guard case .bool(let flag) = value else { throw Self.invalid("reset_stats must be true or false") }
            resetsStats = flag
        case "retry_after_seconds":
            let seconds = try Self.integer(key, value, in: 0...3600)
            changes.append { $0.retryAfterSeconds = seconds }
        case "timeout_seconds":
            let seconds = try Self.integer(key, value, in: 0...3600)
            changes.append { $0.timeoutSeconds = seconds }
        case "slow_bytes_pause_ms":
            let pause = try Self.integer(key, value, in: 0...60_000)
            changes.append { $0.slowBytesPauseMilliseconds = pause }
        case "answers":
            guard let mode = value.string.flatMap(AnswerMode.init(rawValue:)) else {
                throw Self.invalid("answers must be one of: \(AnswerMode.allowedNames)")
            }
            changes.append { $0.answers = mode }
        case "disconnect_billing":
            guard let flag = value.bool else { throw Self.invalid("disconnect_billing must be true or false") }
            changes.append { $0.billsDisconnects = flag }
        default:
            throw Self.invalid("unknown key '\(key)', allowed: \(Self.allowed)")
        }
    }

    private static func latency(_ value: JSONValue) throws -> LatencyRange {
        if value.isNull { return .none }
        if let both = value.int { return try LatencyRange(both, both, code: .invalidControl) }
        guard case .array(let bounds) = value, (1...2).contains(bounds.count), let first = bounds.first?.int,
            let last = bounds.last?.int
        else {
            throw invalid("latency_ms must be [A,B] in whole milliseconds, or null")
        }
        return try LatencyRange(first, last, code: .invalidControl)
    }

    private static func limit(_ key: String, _ value: JSONValue) throws -> Int? {
        value.isNull ? nil : try integer(key, value, in: 1...1_000_000_000)
    }

    private static func integer(_ key: String, _ value: JSONValue, in range: ClosedRange<Int>) throws -> Int {
        guard let number = value.int, range.contains(number) else {
            throw invalid("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func faults(_ value: JSONValue) throws -> FaultPlan {
        if value.isNull { return .none }
        guard case .object(let object) = value else { throw invalid("faults must be an object of kind to rate") }
        let rates = try object.members.map { member in
            guard let rate = member.value.double else {
                throw invalid("fault \(member.key): the rate must be a number, allowed: 0 to 1")
            }
            return (name: member.key, rate: rate)
        }
        return try FaultPlan(rates: rates, code: .invalidControl)
    }

    private static func invalid(_ message: String) -> TwinError {
        TwinError(code: .invalidControl, message: message)
    }
}
