/// Commands of one caller that wait for their answers.
struct RedisRequest: Sendable {
    typealias Answer = Result<[RedisValue], RedisError>

    let commands: [RedisCommand]
    /// Not sent any more after this.
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>
}

/// The arguments of a command, one after another in one buffer.
struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [Int] = []

    init(_ arguments: [String]) {
        bytes.reserveCapacity(arguments.reduce(0) { $0 + $1.utf8.count })
        lengths.reserveCapacity(arguments.count)
        for argument in arguments {
            let start = bytes.count
            bytes.append(contentsOf: argument.utf8)
            lengths.append(bytes.count - start)
        }
    }

    init(_ arguments: [[UInt8]]) {
        bytes.reserveCapacity(arguments.reduce(0) { $0 + $1.count })
        for argument in arguments { bytes.append(contentsOf: argument) }
        lengths = arguments.map(\.count)
    }
}
