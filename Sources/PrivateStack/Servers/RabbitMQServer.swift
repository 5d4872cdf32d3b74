import Glibc

/// The private RabbitMQ: one node without epmd, without a distribution port and without a shared Erlang cookie.
struct RabbitMQServer: SupervisedProgram {
    let state: StateDirectory
    let password: String
    let port: Int
    let managementPort: Int
    /// Named to Erlang in place of asking epmd; nothing listens there.
    let distributionPort: Int
    private let data: DataDirectoryWatch

    var name: String { "rabbitmq" }
    var role: StackRole { .rabbitmq }
    var stopGrace: Duration { .seconds(15) }
    var restartPause: Duration { .milliseconds(250) }

    private var database: String { state.rabbitMQ + "/mnesia" }

    init(state: StateDirectory, password: String, port: Int, managementPort: Int, distributionPort: Int) {
        self.state = state
        self.password = password
        self.port = port
        self.managementPort = managementPort
        self.distributionPort = distributionPort
        data = DataDirectoryWatch([state.rabbitMQ, state.rabbitMQ + "/mnesia"])
    }

    func prepare() throws(PrivateStackError) -> SpawnRequest {
        let program = try Programs.rabbitMQ()
        for folder in [state.configuration, state.rabbitMQ, database] { try StateDirectory.makeFolder(folder) }
        data.remember()
        try PrivateFile.write(configuration, to: state.configuration + "/rabbitmq.conf", mode: 0o600)
        try PrivateFile.write(
            "[rabbitmq_management].\n", to: state.configuration + "/enabled_plugins", mode: 0o600)
        return ParentDeathSignal.wrap(
            SpawnRequest(
                executable: program, environment: SpawnRequest.commonEnvironment.merging(environment) { $1 },
                output: .file(state.log + "/rabbitmq.log"), workingDirectory: "/"),
            parentDeathSignal: "KILL")
    }

    /// The broker's port opens last, after the management plugin's.
    func isReady() async -> Bool {
        guard await ReadinessProbe.amqp(port: port) else { return false }
        let login = "\(Credentials.userName):\(password)"
        return await ReadinessProbe.http(port: managementPort, path: "/api/whoami", login: login)
    }

    func isDataIntact() -> Bool { data.isIntact }

    /// `default_user` makes the user again whenever the database is new.
    private var configuration: String {
        """
        listeners.tcp.1 = 127.0.0.1:\(port)
        management.tcp.ip = 127.0.0.1
        management.tcp.port = \(managementPort)
        default_user = \(Credentials.userName)
        default_pass = \(password)
        default_user_tags.administrator = true
        default_permissions.configure = .*
        default_permissions.read = .*
        default_permissions.write = .*
        consumer_timeout = 1800000
        heartbeat = 10
        vm_memory_high_watermark.relative = 0.4
        disk_free_limit.absolute = 50MB
        log.file = false
        log.console = true
        log.console.level = info

        """
    }

    private var environment: [String: String] {
        let conf = state.configuration
        return [
            "HOME": conf,
            "RABBITMQ_NODENAME": "mixmyai@localhost",
            "RABBITMQ_CONF_ENV_FILE": conf + "/none",
            "RABBITMQ_CONFIG_FILE": conf + "/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": conf + "/none",
            "RABBITMQ_ADVANCED_CONFIG_FILE": conf + "/none.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": conf + "/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": state.rabbitMQ,
            "RABBITMQ_MNESIA_DIR": database,
            "RABBITMQ_FEATURE_FLAGS_FILE": state.rabbitMQ + "/feature_flags",
            "RABBITMQ_PLUGINS_EXPAND_DIR": state.rabbitMQ + "/plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": state.rabbitMQ + "/config",
            "RABBITMQ_SCHEMA_DIR": state.rabbitMQ + "/schema",
            "RABBITMQ_PID_FILE": state.rabbitMQ + "/pid",
            "RABBITMQ_LOG_BASE": state.log,
            "RABBITMQ_LOGS": "-",
            // The start script then replaces itself by the Erlang machine: the process we know is the broker.
            "RUNNING_UNDER_SYSTEMD": "true",
            "ERL_CRASH_DUMP_SECONDS": "0",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": "\(distributionPort)",
            "RABBITMQ_SERVER_ERL_ARGS":
                "+P 131072 +t 1048576 +stbt u +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
            // A node that already has its name skips starting epmd; one that knows the port skips asking it.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-sname mixmyai@localhost -start_epmd false -dist_listen false -erl_epmd_port \(distributionPort) "
                + "-kernel inet_dist_use_interface {127,0,0,1}",
        ]
    }
}
