import ArgumentParser

/// Who answers the agents' questions.
enum ProviderMode: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A stand-in on this machine: free, and always there.
    case twin
    /// The real providers, with the user's keys.
    case live
}
