import FoundationEssentials
import Glibc

/// The private PostgreSQL: TCP on 127.0.0.1 with scram only, no unix socket.
struct PostgresServer: SupervisedProgram {
    let state: StateDirectory
    let password: String
    let port: Int
    private let data: DataDirectoryWatch

    var name: String { "postgres" }
    var role: StackRole { .postgres }
    /// Fast shutdown: sessions are ended, everything is written.
    var stopSignal: Int32 { SIGINT }
    var stopGrace: Duration { .seconds(20) }
    /// Immediate shutdown, which ends the children too.
    var leftoverSignal: Int32 { SIGQUIT }
    var restartPause: Duration { .milliseconds(250) }

    private var version: String { state.postgres + "/PG_VERSION" }
    private var passwordFile: String { state.configuration + "/pgpass" }

    init(state: StateDirectory, password: String, port: Int) {
        self.state = state
        self.password = password
        self.port = port
        data = DataDirectoryWatch([state.postgres, state.postgres + "/PG_VERSION"])
    }

    func prepare() async throws(PrivateStackError) -> SpawnRequest {
        let made = try PrivateFile.read(version).map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } }
        let programs = try Programs.postgres(version: made)
        try StateDirectory.makeFolder(state.configuration)
        try PrivateFile.write(
            "127.0.0.1:\(port):*:\(Credentials.userName):\(password)\n", to: passwordFile, mode: 0o600)
        let account: ServerAccount
        if made == nil {
            account = try await initialise(programs)
        } else {
            account = try await ServerAccount.postgres(reaching: state.postgres)
        }
        data.remember()
        return ParentDeathSignal.wrap(
            SpawnRequest(
                executable: programs + "/postgres", arguments: ["-D", state.postgres] + settings,
                environment: serverEnvironment, output: .file(state.log + "/postgres.log"), workingDirectory: "/"),
            parentDeathSignal: "QUIT", account: account)
    }

    /// Makes the data directory under another name first: one cut short is never taken for a whole one.
    private func initialise(_ programs: String) async throws(PrivateStackError) -> ServerAccount {
        let fresh = state.postgres + ".new"
        for folder in [fresh, state.postgres] { try StateDirectory.remove(folder) }
        try StateDirectory.makeFolder(fresh)
        let account = try await ServerAccount.postgres(reaching: fresh)
        let secret = state.path + "/postgres.password"
        try PrivateFile.write(password + "\n", to: secret, mode: 0o600, owner: account.owner)
        defer { unlink(secret) }
        let launch = SpawnRequest(
            executable: programs + "/initdb",
            arguments: [
                "--pgdata=\(fresh)", "--username=\(Credentials.userName)", "--pwfile=\(secret)",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
            ],
            environment: serverEnvironment, output: .file(state.log + "/postgres.log"), workingDirectory: "/")
        let child = try await ChildProcess.spawn(
            ParentDeathSignal.wrap(launch, parentDeathSignal: "KILL", account: account), name: "initdb")
        let status = await child.exit()
        guard status.isSuccess else { throw PrivateStackError(.startFailed, "initdb: \(status)") }
        guard rename(fresh, state.postgres) == 0 else { throw .system("rename \(fresh)", errno: errno) }
        return account
    }

    /// The server answers, and the database is there.
    func isReady() async -> Bool {
        guard let programs = try? Programs.postgres(version: nil) else { return false }
        let asked = await run(programs + "/pg_isready", ["-q", "-h", "127.0.0.1", "-p", "\(port)", "-t", "2"])
        guard asked else { return false }
        if await query(programs, database: "mixmyai", "SELECT 1") { return true }
        guard await query(programs, database: "postgres", "CREATE DATABASE mixmyai") else { return false }
        return await query(programs, database: "mixmyai", "SELECT 1")
    }

    func isDataIntact() -> Bool { data.isIntact }

    private func query(_ programs: String, database: String, _ statement: String) async -> Bool {
        await run(
            programs + "/psql",
            [
                "-X", "-q", "-w", "-h", "127.0.0.1", "-p", "\(port)", "-U", Credentials.userName, "-d", database, "-c",
                statement,
            ])
    }

    private func run(_ executable: String, _ arguments: [String]) async -> Bool {
        let environment = SpawnRequest.commonEnvironment.merging(["PGPASSFILE": passwordFile, "PGCONNECT_TIMEOUT": "3"])
        {
            $1
        }
        let launch = SpawnRequest(
            executable: executable, arguments: arguments, environment: environment, output: .discarded,
            workingDirectory: "/")
        guard let child = try? await ChildProcess.spawn(launch, name: "postgres-check") else { return false }
        return await child.exit().isSuccess
    }

    private var serverEnvironment: [String: String] {
        var environment = SpawnRequest.commonEnvironment
        environment["HOME"] = "/"
        environment["TZ"] = "UTC"
        environment["TMPDIR"] = nil
        return environment
    }

    /// A small private server on a machine shared with the rest of the stack. No secrets: arguments are visible.
    private var settings: [String] {
        [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "max_connections=200",
            "shared_buffers=256MB", "wal_level=minimal", "max_wal_senders=0", "fsync=on", "synchronous_commit=on",
            "max_wal_size=2GB", "checkpoint_timeout=15min", "random_page_cost=1.1", "jit=off", "timezone=UTC",
            "log_timezone=UTC", "logging_collector=off", "log_destination=stderr", "cluster_name=mixmyai",
            "password_encryption=scram-sha-256", "ssl=off",
        ].flatMap { ["-c", $0] }
    }
}
