/// Which open dead letters are meant.
package enum DeadLetterFilter: Sendable, Equatable {
    case ids([Int])
    case fingerprint(String)
    case all
}
