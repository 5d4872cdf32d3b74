import Glibc

/// The private Redis: a cache, nothing is kept on disk.
struct RedisServer: SupervisedProgram {
    let state: StateDirectory
    let password: String
    let port: Int
    private let data: DataDirectoryWatch

    var name: String { "redis" }
    var role: StackRole { .redis }
    var stopGrace: Duration { .seconds(5) }
    var restartPause: Duration { .milliseconds(250) }

    init(state: StateDirectory, password: String, port: Int) {
        self.state = state
        self.password = password
        self.port = port
        data = DataDirectoryWatch([state.redis])
    }

    func prepare() throws(PrivateStackError) -> SpawnRequest {
        let program = try Programs.redis()
        let configuration = state.configuration + "/redis.conf"
        try StateDirectory.makeFolder(state.redis)
        try StateDirectory.makeFolder(state.configuration)
        data.remember()
        let text = """
            bind 127.0.0.1
            port \(port)
            protected-mode yes
            requirepass \(password)
            daemonize no
            supervised no
            dir "\(state.redis)"
            logfile ""
            save ""
            appendonly no
            tcp-backlog 128
            maxmemory-policy noeviction

            """
        try PrivateFile.write(text, to: configuration, mode: 0o600)
        return ParentDeathSignal.wrap(
            SpawnRequest(
                executable: program, arguments: [configuration], environment: SpawnRequest.commonEnvironment,
                output: .file(state.log + "/redis.log"), workingDirectory: "/"),
            parentDeathSignal: "KILL")
    }

    func isReady() async -> Bool { await ReadinessProbe.redis(port: port, password: password) }
    func isDataIntact() -> Bool { data.isIntact }
}
