import CLinux
import Glibc

/// Everything `posix_spawn` needs to know. Nothing is inherited that is not named here.
struct SpawnRequest: Sendable {
    /// Where standard output and standard error go.
    enum Output: Sendable {
        /// Appended to this file.
        case file(String)
        case discarded
        /// The caller's own standard input, output and error.
        case inherited
    }

    var executable: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var output: Output
    var workingDirectory: String?
    /// The child leads a new session instead of only a new process group.
    var newSession = false
    /// The child stays in the caller's process group, and so gets the terminal's Ctrl-C too.
    var sharesProcessGroup = false
    /// A descriptor the child gets as number 3.
    var extraDescriptor: Int32?

    /// The variables every process of the stack gets from the supervisor's own environment.
    static var commonEnvironment: [String: String] {
        var result = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]
        for name in ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SWIFT_BACKTRACE"] {
            if let value = getenv(name) { result[name] = String(cString: value) }
        }
        return result
    }

    /// Starts the program on the calling thread.
    ///
    /// - Returns: the process id; the caller has to wait for it.
    func spawn() throws(PrivateStackError) -> pid_t {
        guard access(executable, X_OK) == 0 else {
            throw PrivateStackError(.programMissing, "\(executable) is missing or not executable")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        switch output {
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        case .discarded:
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        case .inherited:
            break
        }
        if let extraDescriptor { posix_spawn_file_actions_adddup2(&actions, extraDescriptor, 3) }
        mixmyai_spawn_add_closefrom(&actions, extraDescriptor == nil ? 3 : 4)
        if let workingDirectory { mixmyai_spawn_add_chdir(&actions, workingDirectory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child must not inherit what this process ignores or blocks.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        if newSession {
            flags |= Int32(mixmyai_spawn_setsid)
        } else if !sharesProcessGroup {
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let status = Self.withCStrings([executable] + arguments) { argv in
            Self.withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawn(&pid, executable, &actions, &attributes, argv, envp)
            }
        }
        guard status == 0 else { throw .system("start \(executable)", errno: status) }
        return pid
    }

    /// Passes a null-terminated array of C strings which lives only during the call.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return copies.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the array ends with nil: never empty") }
            return body(base)
        }
    }
}
