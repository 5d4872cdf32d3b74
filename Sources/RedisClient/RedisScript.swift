/// A Lua script that runs on the server in one step.
///
/// The server knows it by a checksum after the first use; ``RedisClient/evaluate(_:keys:arguments:)`` sends the text
/// when the server does not (any more).
package struct RedisScript: Sendable, Hashable {
    /// The Lua text.
    package let source: String

    /// Makes a script; nothing is sent.
    package init(_ source: String) {
        self.source = source
    }
}
