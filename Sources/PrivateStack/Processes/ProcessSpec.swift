/// One of our processes, as data.
package struct ProcessSpec: Sendable {
    /// Unique in the stack; also the name of its log file.
    package var name: String
    /// Decides when it is stopped.
    package var role: StackRole
    /// Absolute path of the program.
    package var executable: String
    /// Arguments after the program's name. Visible to every user of the machine: no secrets.
    package var arguments: [String]
    /// Added to the few variables every process gets (PATH, HOME, LANG, ...).
    package var environment: [String: String]
    /// What has to succeed before the stack counts as ready.
    package var readiness: ReadyCondition
    /// Where `/metrics` is served, nil for none.
    package var metricsPort: Int?
    /// Nil: the supervisor's own working directory.
    package var workingDirectory: String?

    /// By default without arguments, environment and metrics.
    package init(
        name: String, role: StackRole, executable: String, arguments: [String] = [],
        environment: [String: String] = [:], readiness: ReadyCondition, metricsPort: Int? = nil,
        workingDirectory: String? = nil
    ) {
        self.name = name
        self.role = role
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.readiness = readiness
        self.metricsPort = metricsPort
        self.workingDirectory = workingDirectory
    }
}
