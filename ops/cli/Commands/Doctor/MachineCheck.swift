import Glibc
import PrivateStack

/// The machine: programs, catalogues, disk, file descriptors.
struct MachineCheck {
    let state: StateDirectory
    let environment: [String: String]

    private static let diskMinimum = 1 << 30
    private static let descriptorMinimum = 4096

    var findings: [Finding] { [files, disk, descriptors] }

    private var files: Finding {
        do throws(CommandError) {
            let files = try FleetFiles(
                environment: environment, executable: FleetFiles.executable,
                workingDirectory: FleetFiles.workingDirectory)
            return .fine("files", "programs in \(files.programs), agents \(files.agents), models \(files.models)")
        } catch {
            return .problem(
                "files", "\(error)", "only `mixmyai up` needs them here; nothing to do if the fleet is elsewhere")
        }
    }

    private var disk: Finding {
        // The directory may not be there yet: its nearest existing parent is on the same disk.
        var path = state.path
        while access(path, F_OK) != 0, let slash = path.lastIndex(of: "/"), path.count > 1 {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        var information = statvfs()
        guard statvfs(path, &information) == 0 else {
            return .problem("disk", "\(path) cannot be looked at", "choose another --state-dir")
        }
        let free = Int(clamping: UInt64(information.f_bavail) * UInt64(information.f_frsize))
        let text = "\(free >> 20) MiB free at \(path)"
        return free >= Self.diskMinimum
            ? .fine("disk", text)
            : .problem(
                "disk", text, "make room: below 1 GiB servers stop taking work; `mixmyai down --purge` deletes old data"
            )
    }

    private var descriptors: Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let text = "\(limit.rlim_cur) open files per process (at most \(limit.rlim_max))"
        return limit.rlim_cur >= Self.descriptorMinimum
            ? .fine("file limit", text)
            : .problem(
                "file limit", text,
                "`ulimit -n \(min(65_536, limit.rlim_max))` before `mixmyai up` lets workers hold more connections")
    }
}
