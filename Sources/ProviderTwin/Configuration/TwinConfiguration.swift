/// Everything a twin is started with.
package struct TwinConfiguration: Sendable {
    /// Address to listen on.
    package var host: String
    /// Port to listen on; 0 lets the system choose.
    package var port: Int
    /// Makes replies, reply times and faults repeatable.
    package var seed: UInt64
    /// File that gets one JSON line per request.
    package var recordPath: String?
    /// Models that are no provider's, which are served all the same: the twin stands in for servers of one's own too.
    package var ownModels: Set<String>
    /// What `/twin/control` can change later.
    package var behaviour: TwinBehaviour

    /// - Throws: `TwinError` when a value is out of range.
    package init(
        host: String = "127.0.0.1", port: Int, seed: UInt64 = 0, recordPath: String? = nil,
        ownModels: Set<String> = [], behaviour: TwinBehaviour = .init()
    ) throws {
        guard (0...65_535).contains(port) else {
            throw TwinError(code: .invalidSetting, message: "--port \(port) is not allowed, allowed: 0 to 65535")
        }
        self.host = host
        self.port = port
        self.seed = seed
        self.recordPath = recordPath
        self.ownModels = ownModels
        self.behaviour = behaviour
    }
}
