/// Something that keeps a process from starting: one clear line that says what to change.
package struct BootError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of thing is wrong.
    package enum Code: String, Sendable {
        case setting
        case agentCatalogue = "agent_catalogue"
        case modelCatalogue = "model_catalogue"
        case missingKey = "missing_key"
        case database, broker, redis
    }

    /// Says what has to be looked at.
    package let code: Code
    /// Names the setting or file, where it came from, what is wrong and what is allowed. Holds no secret.
    package let message: String

    /// - Parameter message: one line for whoever starts the process; no secret in it.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message alone, without the code.
    package var description: String { message }
}
