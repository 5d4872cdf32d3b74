package import ProcessProbes
import Synchronization

/// What a process serves on its probe port beside its probes; added while it is composed.
package final class ProbePages: Sendable {
    private let pages = Mutex<[ProbePage]>([])

    var all: [ProbePage] { pages.withLock { $0 } }

    package func add(_ page: ProbePage) { pages.withLock { $0.append(page) } }
}
