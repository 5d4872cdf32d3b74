internal import FleetCore

/// A provider's credential. Printing, dumping or logging it shows that there is one, never which.
package struct ProviderCredential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For the one header that carries it.
    let secret: String

    /// - Parameter secret: white space around it, such as the line end of a file, is dropped.
    package init(_ secret: String) {
        let isSpace: (Character) -> Bool = { $0.isWhitespace || $0.isNewline }
        var trimmed = secret.drop(while: isSpace)
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        self.secret = String(trimmed)
    }

    /// Local servers often want no credential.
    package var isEmpty: Bool { secret.isEmpty }

    /// Whether there is a key.
    package var description: String { isEmpty ? "no key" : "[key]" }
    package var debugDescription: String { description }
    /// Empty: the secret is among the children.
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// Names the account that the key belongs to; the key cannot be read from it. The same in every process.
    package var digest: String { Self.digest(secret) }

    /// The same for what stands in a key's place.
    package static func digest(_ text: String) -> String {
        var hash = FNV1a()
        hash.add(text.utf8)
        return String(hash.value, radix: 36)
    }

    /// Takes every occurrence of the key out of a text.
    func removed(from text: String) -> String {
        isEmpty ? text : text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "[removed]")
    }
}
