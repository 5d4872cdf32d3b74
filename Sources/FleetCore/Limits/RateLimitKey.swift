/// A bucket set: the models of one class, called with one credential, share their limits.
package struct RateLimitKey: Sendable, Hashable {
    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// A short digest of the credential, never the credential.
    package var credential: String
    /// The models' ``ModelSpec/limitClass``.
    package var limitClass: String

    /// Names a bucket set; nothing is created by it.
    package init(provider: String, credential: String, limitClass: String) {
        self.provider = provider
        self.credential = credential
        self.limitClass = limitClass
    }
}
