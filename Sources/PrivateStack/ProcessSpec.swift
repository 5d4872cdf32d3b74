/// One of our processes, as data.
public struct ProcessSpec: Sendable {
    /// Unique in the stack; also the name of its log file.
    public var name: String
    /// Decides when it is stopped.
    public var role: StackRole
    /// Absolute path of the program.
    public var executable: String
    /// Arguments after the program's name. Visible to every user of the machine: no secrets.
    public var arguments: [String]
    /// Added to the few variables every process gets (PATH, HOME, LANG, ...).
    public var environment: [String: String]
    /// What has to succeed before the stack counts as ready.
    public var readiness: Readiness
    /// Where `/metrics` is served, nil for none.
    public var metricsPort: Int?
    /// Nil: the supervisor's own working directory.
    public var workingDirectory: String?

    /// By default without arguments, environment and metrics.
    public init(
        name: String, role: StackRole, executable: String, arguments: [String] = [],
        environment: [String: String] = [:], readiness: Readiness, metricsPort: Int? = nil,
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
