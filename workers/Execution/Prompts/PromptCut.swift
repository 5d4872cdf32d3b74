import FleetCore
import JSON

/// Something that was left out of a prompt for space: marked there, and kept with the call.
struct PromptCut: Sendable, Equatable {
    /// Tag of the section.
    var section: String
    /// What part of it.
    var what: String
    /// Tokens that are shown.
    var kept: Int
    /// Tokens that there were.
    var of: Int

    /// The mark at the place of the cut. It stands outside escaped text: no text can forge one.
    var mark: PromptElement {
        PromptElement(
            "cut", [("what", what), ("kept", String(kept)), ("of", String(of)), ("unit", "tokens")])
    }

    var json: JSONValue {
        ["section": .string(section), "what": .string(what), "kept": .integer(kept), "of": .integer(of)]
    }
}

/// Why a prompt cannot be made.
enum PromptProblem: Error, Equatable {
    /// A section whose need holds has nothing to show.
    case missing(section: String, kind: StepKind)
    /// What must not be cut does not fit.
    case tooLarge(section: String, tokens: Int, available: Int)

    /// The step's error: begins with its ``StepFailureCode``.
    var description: String {
        switch self {
        case .missing(let section, let kind):
            "\(StepFailureCode.inputMissing.rawValue): \(kind.rawValue) needs the section <\(section)>, and there is"
                + " nothing to show in it"
        case .tooLarge(let section, let tokens, let available):
            "\(StepFailureCode.promptTooLarge.rawValue): section <\(section)> takes \(tokens) tokens and must not be cut;"
                + " \(available) are left for it"
        }
    }
}
