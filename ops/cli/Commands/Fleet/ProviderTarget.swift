import ArgumentParser

/// `PROVIDER` or `PROVIDER/PART` on the command line.
struct ProviderTarget {
    let provider: String
    /// Nil: all of the provider.
    let part: String?

    /// - Parameter name: what the part is, for errors.
    init(_ text: String, part name: String) throws(ValidationError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard ["openai", "anthropic"].contains(parts[0]) else {
            throw ValidationError("There is no provider '\(parts[0])': openai or anthropic.")
        }
        guard parts.allSatisfy({ (1...100).contains($0.count) && !$0.contains(where: \.isWhitespace) }) else {
            throw ValidationError("'\(text)' is not of the form PROVIDER or PROVIDER/\(name).")
        }
        provider = parts[0]
        part = parts.count == 2 ? parts[1] : nil
    }
}
