internal import FleetCore
import JSON

/// What a provider says about an error, reduced to what is safe to show.
struct ProviderErrorDetail {
    /// `error.type` and `error.code`, as far as they were sent, and Anthropic's `details.error_code`.
    let words: Set<String>
    /// At most 300 characters, without anything that looks like a key.
    let message: String
    /// What the server wrote for people, for finding things in it; nothing that may be shown.
    let text: String
    private let told: ToldWait?

    private static let quotaWords: Set<String> = [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
        "billing_error", "enforced_spend_limit_reached",
    ]
    /// It is the prompt that is not let through: nothing is said of the model, whose circuit must not open for it.
    private static let moderationWords: Set = ["content_policy_violation", "content_filter", "invalid_prompt"]
    /// The same from providers whose error has no word of its own for it.
    private static let moderationPhrases = [
        "content filtering policy", "content management policy", "usage policy", "usage policies",
    ]
    /// It is this prompt that has no room, by the words of OpenAI, Anthropic and the servers that imitate them.
    private static let lengthWords: Set = [
        "context_length_exceeded", "model_context_window_exceeded", "request_too_large", "string_above_max_length",
        "context_window_exceeded", "exceed_context_size_error",
    ]
    private static let lengthPhrases = [
        "prompt is too long", "input is too long", "prompt too long", "input too long", "context length",
        "context window", "context limit", "context size", "number of tokens allowed",
        "prompt contains too many tokens",
        "input tokens exceed", "`inputs` must have less than", "`inputs` tokens",
    ]
    /// Anthropic reports its own spend limits as plain invalid requests.
    private static let quotaPhrases = ["credit balance is too low", "spend limit", "api usage limits"]

    /// Reads an error object, a body that holds one under `error`, or a list of such bodies.
    init(_ value: JSONValue) {
        let body = value.array?.first ?? value
        let error = body["error"].flatMap { $0.isNull ? nil : $0 } ?? body
        let type = error["type"]?.string
        let code = error["code"]?.string ?? error["code"]?.int.map(String.init)
        let detail = error["details"]?["error_code"]?.string
        let status = error["status"]?.string ?? error["status"]?.int.map(String.init)
        words = Set([type, code, detail, status].compactMap { $0 })
        text =
            error.string
            ?? Self.words(of: error["message"] ?? error["detail"] ?? error["msg"] ?? body["message"] ?? body["detail"])
        var labels: [String] = []
        for label in [type, code, detail].compactMap({ $0 }) where !labels.contains(label) { labels.append(label) }
        let prefix = labels.joined(separator: "/")
        message = Self.safe([prefix, text].filter { !$0.isEmpty }.joined(separator: ": "))
        told = Self.wait(in: [error, body]) ?? WaitText.seconds(inMessage: text).map { .length($0) }
    }

    /// How long the body asks to wait.
    ///
    /// - Parameter now: seconds since 1970.
    func wait(now: Double) -> Duration? { told?.duration(now: now) }

    /// A text, or those of a list of problems such as FastAPI's.
    private static func words(of value: JSONValue?) -> String {
        if let text = value?.string { return text }
        let problems = value?.array ?? value.map { [$0] } ?? []
        return problems.compactMap { problem -> String? in
            let place = problem["loc"]?.array?.compactMap(\.string).joined(separator: ".")
            return (problem["msg"] ?? problem["message"])?.string.map {
                [place, $0].compactMap(\.self).joined(separator: ": ")
            }
        }.joined(separator: "; ")
    }

    /// A member that tells a wait, such as `retry_after` or the `retryDelay` of Google's `RetryInfo`.
    private static func wait(in objects: [JSONValue]) -> ToldWait? {
        for object in objects {
            let inner = [object["metadata"], object["metadata"]?["headers"], object["parameters"]].compactMap(\.self)
            for part in [object] + inner + (object["details"]?.array ?? []) {
                for member in part.object?.members ?? [] {
                    guard let text = member.value.string ?? member.value.double.map({ "\($0)" }) else { continue }
                    switch member.key.lowercased().filter(\.isLetter) {
                    case "retryafterms":
                        if let milliseconds = Double(text) { return .length(milliseconds / 1000) }
                    case "retryafter", "retryafterseconds", "retrydelay", "xratelimitreset":
                        if let wait = ToldWait(text) { return wait }
                    default: break
                    }
                }
            }
        }
        return nil
    }

    /// The row of the retry table.
    ///
    /// - Parameter status: of the response; nil for an error inside a stream that began well.
    func code(status: Int?) -> ModelFailure.Code {
        if !words.isDisjoint(with: Self.quotaWords) || status == 402 { return .quotaExhausted }
        if words.contains("model_not_found") { return .modelNotFound }
        let text = message.lowercased()
        if !words.isDisjoint(with: Self.moderationWords) { return .refused }
        if status == 400 || status == nil, Self.moderationPhrases.contains(where: text.contains) { return .refused }
        if status == 400 || status == nil, Self.quotaPhrases.contains(where: text.contains) { return .quotaExhausted }
        if status == 413 || !words.isDisjoint(with: Self.lengthWords) { return .promptTooLarge }
        if status.map({ $0 == 400 || $0 == 422 }) ?? true, Self.lengthPhrases.contains(where: text.contains) {
            return .promptTooLarge
        }
        guard let status else { return codeOfWords }
        switch status {
        case 429: return .rateLimited
        case 401, 403: return .unauthorized
        case 404: return .modelNotFound
        case 408, 409: return .serverError
        case 503, 529: return .overloaded
        case 500...: return words.contains("overloaded_error") ? .overloaded : .serverError
        default: return .invalidRequest
        }
    }

    /// Whether a 404 is about the model, not about the address.
    func namesModel(_ id: String?) -> Bool {
        if words.contains("model_not_found") || words.contains("DeploymentNotFound") { return true }
        let text = text.lowercased()
        return ["model", "deployment", "engine"].contains(where: text.contains)
            || id.map { !$0.isEmpty && text.contains($0.lowercased()) } ?? false
    }

    private var codeOfWords: ModelFailure.Code {
        let table: [(ModelFailure.Code, Set<String>)] = [
            (
                .rateLimited,
                ["rate_limit_exceeded", "rate_limit_error", "tokens", "requests", "429", "RESOURCE_EXHAUSTED"]
            ),
            (.overloaded, ["overloaded_error", "server_is_overloaded", "slow_down", "503", "529", "UNAVAILABLE"]),
            (.unauthorized, ["authentication_error", "permission_error", "invalid_api_key", "401", "403"]),
            (.modelNotFound, ["not_found_error", "404"]),
            (.serverError, ["api_error", "server_error", "timeout_error"]),
            (.promptTooLarge, ["413"]),
            (.invalidRequest, ["invalid_request_error", "400", "422"]),
        ]
        return table.first { !words.isDisjoint(with: $0.1) }?.0 ?? .serverError
    }

    /// Cuts a text to 300 characters, on one line, and takes out words that look like credentials.
    static func safe(_ text: String) -> String {
        var result = ""
        var word = ""
        var isAfterBearer = false
        func flush() {
            guard !word.isEmpty else { return }
            result += isAfterBearer || looksLikeKey(word) ? "[removed]" : word
            isAfterBearer = word.lowercased() == "bearer"
            word = ""
        }
        // A bound on the work on a page of text; the last word may be cut and is no longer recognisable.
        let bounded = text.count > 4000 ? String(text.prefix(4000)) + " " : text
        for scalar in bounded.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "*", "/", "+", "~": word.unicodeScalars.append(scalar)
            default:
                flush()
                let isControl = scalar.value < 0x20 || scalar.value == 0x7F
                result.unicodeScalars.append(isControl ? " " : scalar)
            }
        }
        flush()
        return result.count <= 300 ? result : result.prefix(297) + "..."
    }

    private static func looksLikeKey(_ word: String) -> Bool {
        let lower = word.lowercased()
        if lower.contains("sk-") || lower.contains("sk_") { return true }
        guard word.utf8.count >= 32, !lower.hasPrefix("req_") else { return false }
        return word.contains(where: \.isNumber) && word.contains(where: \.isLetter)
    }
}
