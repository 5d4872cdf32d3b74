/// An event of a task's stream.
package struct StoredTaskEvent: Sendable, Equatable {
    /// 1, 2, 3, ... without gaps.
    package var sequence: Int
    /// The event as JSON text.
    package var payload: String

    package init(sequence: Int, payload: String) {
        self.sequence = sequence
        self.payload = payload
    }
}
