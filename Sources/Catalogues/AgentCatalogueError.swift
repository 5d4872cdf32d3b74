/// Something is wrong in the agent catalogue or in a file that it names.
package struct AgentCatalogueError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: file, place in it, what is wrong, what is allowed.
    package var message: String

    /// The message alone.
    package var description: String { message }
}
