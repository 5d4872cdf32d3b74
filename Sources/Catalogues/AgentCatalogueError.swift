/// Something is wrong in the agent catalogue or in a file that it names.
public struct AgentCatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: file, place in it, what is wrong, what is allowed.
    public var message: String

    /// The message alone.
    public var description: String { message }
}
