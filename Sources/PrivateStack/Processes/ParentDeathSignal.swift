import Glibc

/// `setpriv` of util-linux: the parent-death signal, and PostgreSQL's user when we are root.
enum ParentDeathSignal {
    private static var program: String { Programs.onPath("setpriv") ?? "/usr/bin/setpriv" }

    /// Wraps a launch so that the kernel ends the process if the supervisor vanishes.
    ///
    /// `setpriv` replaces itself by the program: the process id stays the same.
    static func wrap(_ launch: SpawnRequest, parentDeathSignal: String, account: ServerAccount = .own) -> SpawnRequest {
        var wrapped = launch
        wrapped.executable = program
        wrapped.arguments =
            ["--pdeathsig", parentDeathSignal] + account.options + ["--", launch.executable] + launch.arguments
        return wrapped
    }
}
