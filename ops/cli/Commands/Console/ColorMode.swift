import ArgumentParser

/// When to colour text.
enum ColorMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// In a terminal that can, unless NO_COLOR is set.
    case auto
    case always
    case never

    /// - Parameter isTerminal: whether the stream in question is one.
    func isColored(isTerminal: Bool, environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}
