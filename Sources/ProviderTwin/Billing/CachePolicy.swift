/// How a request wants its prompt cached.
enum CachePolicy: Sendable, Equatable {
    /// Nothing is read or written.
    case none
    /// The breakpoint is the end of the newest message: the whole prompt is written, and matched only as a whole. Stable
    /// instructions before a text that changes are written each time and never read.
    case implicit
    /// As implicit, but writes are neither reported nor charged.
    case readsOnly
    /// Only blocks with a breakpoint are matched and written.
    case breakpoints
}

/// The end of a text block of a prompt.
struct CacheBorder: Sendable, Equatable {
    /// Tokens up to here.
    var tokens: Int
    /// Of everything up to here.
    var hash: UInt64
    /// The block carries a breakpoint.
    var isMarked: Bool
}
