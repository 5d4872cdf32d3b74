package import Logging
import Synchronization

/// Makes every `Logger` of the process write JSON lines.
package enum TelemetryBootstrap {
    private static let isStarted = Mutex(false)

    /// Sets up logging; to be called first in `main`. A second call changes nothing.
    ///
    /// - Parameters:
    ///   - role: what the process is: gateway, scheduler, worker, provider-twin.
    ///   - name: which of them: worker-1, ...
    ///   - level: see ``LogLevel``.
    /// - Returns: whether this call was the one that set it up.
    @discardableResult
    package static func start(
        role: String, name: String, level: Logger.Level, sink: LogSink = .standardOutput,
        metadataProvider: Logger.MetadataProvider? = nil
    ) -> Bool {
        isStarted.withLock { isStarted in
            guard !isStarted else { return false }
            isStarted = true
            LoggingSystem.bootstrap(
                { label, provider in
                    JSONLogHandler(
                        label: label, role: role, name: name, level: level, sink: sink, metadataProvider: provider)
                }, metadataProvider: metadataProvider)
            return true
        }
    }
}
