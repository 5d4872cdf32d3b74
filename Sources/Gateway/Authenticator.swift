import FleetCore
import Synchronization

/// Finds the key behind a secret, and remembers it for a few seconds.
///
/// What is remembered is not the secret but two hashes of it under random salts and the process's random hashing key:
/// 128 bits that nobody outside can aim at. Every request with a secret of the right form costs the same hashing.
final class Authenticator: Sendable {
    /// A revoked key works for this long at most.
    static let lifetime = Duration.seconds(5)
    /// An unknown secret is looked up again after this: it may have been issued meanwhile.
    static let unknownLifetime = Duration.seconds(1)
    private static let capacity = 4096

    private struct Fingerprint: Hashable {
        var first: Int
        var second: Int
    }

    private struct Entry {
        var key: APIKey?
        var expiry: ContinuousClock.Instant
    }

    private let store: any APIKeyStore
    private let salts = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private let entries = Mutex<[Fingerprint: Entry]>([:])

    init(store: any APIKeyStore) {
        self.store = store
    }

    /// The key that was issued with the secret; nil if none was, or it is revoked.
    func key(forSecret secret: String) async throws -> APIKey? {
        guard secret.hasPrefix("mxa_"), (8...200).contains(secret.utf8.count) else { return nil }
        let fingerprint = Fingerprint(first: hash(secret, salts.0), second: hash(secret, salts.1))
        let now = ContinuousClock.now
        if let entry = entries.withLock({ $0[fingerprint] }), now < entry.expiry { return entry.key }
        let key = try await store.key(forSecret: secret)
        let entry = Entry(key: key, expiry: now.advanced(by: key == nil ? Self.unknownLifetime : Self.lifetime))
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries = entries.filter { now < $0.value.expiry } }
            if entries.count >= Self.capacity { entries = [:] }
            entries[fingerprint] = entry
        }
        return key
    }

    private func hash(_ secret: String, _ salt: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(salt)
        hasher.combine(secret)
        return hasher.finalize()
    }
}
