internal import FleetCore
internal import Synchronization

/// A parameter that a model's server refuses, found out by asking without it.
package struct RefusedParameter: Sendable, Equatable {
    /// Name in the model catalogue.
    package let model: String
    /// As the request named it.
    package let parameter: String
    /// What the catalogue can say, so that nobody has to find out: `stream_options: false`; nil if it has no key for it.
    package let remedy: String?
}

/// What was found out about models' servers while this process ran.
final class LearnedForms: Sendable {
    private let forms = Mutex<[String: RequestForm]>([:])

    subscript(model: String) -> RequestForm? { forms.withLock { $0[model] } }

    /// Keeps a form that was taken where another was refused; true if it is news.
    func keep(_ form: RequestForm, for model: String) -> Bool {
        forms.withLock { forms in
            defer { forms[model] = form }
            return forms[model] != form
        }
    }
}

extension RefusedParameter {
    init(_ model: String, _ parameter: String, now form: RequestForm) {
        let remedy: String? =
            switch parameter {
            case "max_tokens", "max_completion_tokens", "max_output_tokens":
                "max_tokens_parameter: \(form.tokenLimit.rawValue)"
            case "stream_options", "include_usage": "stream_options: false"
            case "temperature": "no temperature"
            case "reasoning_effort", "reasoning.effort", "reasoning", "output_config.effort": "no effort"
            case "prompt_cache_options", "prompt_cache_key": "cache_mode: none"
            case "store", "stream": nil
            default: "response_format: \(form.responseFormat.rawValue)"
            }
        self.init(model: model, parameter: parameter, remedy: remedy)
    }
}
