import Glibc

/// The user a server runs as.
enum ServerAccount: Sendable, Equatable {
    /// The supervisor's own.
    case own
    /// Another one; with a capability if folders above the state directory are closed to it.
    case other(uid: uid_t, gid: gid_t, capability: String?)

    /// Options for `setpriv`.
    var options: [String] {
        switch self {
        case .own: []
        case .other(let uid, let gid, let capability):
            ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups"]
                + (capability.map { ["--inh-caps=-all,+\($0)", "--ambient-caps=-all,+\($0)"] } ?? ["--inh-caps=-all"])
        }
    }

    var owner: (uid: uid_t, gid: gid_t)? {
        if case .other(let uid, let gid, _) = self { (uid, gid) } else { nil }
    }

    /// Whom PostgreSQL runs as: not root, whatever we are.
    ///
    /// - Parameter folder: owned by the account once this returns; tested for being reachable.
    static func postgres(reaching folder: String) async throws(PrivateStackError) -> ServerAccount {
        guard geteuid() == 0 else { return .own }
        let user = try lookUp("postgres")
        guard chown(folder, user.uid, user.gid) == 0 else { throw .system("change owner of \(folder)", errno: errno) }
        // The least that helps; containers often grant only the last.
        for capability in [nil, "dac_read_search", "dac_override"] {
            let account = ServerAccount.other(uid: user.uid, gid: user.gid, capability: capability)
            // Not `test -w`: the system call behind it ignores capabilities.
            let test = SpawnRequest(
                executable: "/bin/sh", arguments: ["-c", #"cd -- "$1""#, "sh", folder],
                environment: SpawnRequest.commonEnvironment,
                output: .discarded, workingDirectory: "/")
            let child = try await ChildProcess.spawn(
                ParentDeathSignal.wrap(test, parentDeathSignal: "KILL", account: account), name: "reach")
            if await child.exit().isSuccess { return account }
        }
        throw PrivateStackError(
            .notPermitted,
            "PostgreSQL's user postgres cannot reach \(folder), and the capability to let it through was refused; "
                + "choose another --state-dir, for example below /var/tmp")
    }

    private static func lookUp(_ name: String) throws(PrivateStackError) -> (uid: uid_t, gid: gid_t) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw PrivateStackError(
                .notPermitted, "PostgreSQL refuses to run as root and there is no user \(name); run as another user")
        }
        return (entry.pw_uid, entry.pw_gid)
    }
}
