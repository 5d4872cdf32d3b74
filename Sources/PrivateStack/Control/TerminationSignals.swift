import Dispatch
import Glibc

/// SIGINT, SIGTERM and SIGHUP as values instead of sudden death.
package enum TerminationSignals {
    /// From now on these signals only appear here, one element per signal, until the process ends.
    package static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                continuation.yield(number)
                // The handler owns its source, so it lives as long as the process.
                withExtendedLifetime(source) {}
            }
            source.resume()
        }
        return stream
    }
}
