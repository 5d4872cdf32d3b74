import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Appends one JSON line per model call to a file. Lines collect in memory and are written every half second, off the
/// threads that serve requests, and once more when the server has drained.
final class RequestRecorder: Service {
    private let pending = Mutex<[UInt8]>([])
    private let file: Int32
    private let path: String
    private let logger: Logger

    /// Opens the file for appending.
    ///
    /// - Throws: `TwinError` with code `recordFile`.
    init(path: String, logger: Logger) throws {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw TwinError(code: .recordFile, message: "--record \(path): cannot open the file, errno \(errno)")
        }
        self.path = path
        self.logger = logger
    }

    deinit {
        close(file)
    }

    func append(_ line: [UInt8]) {
        pending.withLock { $0.append(contentsOf: line) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(500))
                await self.flush()
            }
        }
        await flush()
    }

    /// Writes what has collected; a failed write is logged and its lines are lost.
    func flush() async {
        let lines = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        if lines.isEmpty { return }
        let file = file
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        // The future, unlike the async call, is not given up when the task is cancelled at shutdown.
        let write = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { Self.write(lines, to: file) }
        let error = (try? await write.get()) ?? ECANCELED
        if error != 0 {
            logger.error("record file write failed", metadata: ["path": "\(path)", "errno": .stringConvertible(error)])
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = systemWrite(file, UnsafeRawBufferPointer(rebasing: buffer[offset...]))
                if written < 0, errno == EINTR { continue }
                if written <= 0 { return errno }
                offset += written
            }
            return 0
        }
    }
}

/// `write(2)`, named apart from the method of the recorder.
private func systemWrite(_ file: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
    write(file, buffer.baseAddress, buffer.count)
}
