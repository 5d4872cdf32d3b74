import Glibc

/// How a start went, told by a detached supervisor to the command that waits for it: lines of JSON on a pipe.
struct StartReport: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable {
        case progress
        case ready
        case failed
    }

    var kind: Kind
    var message: String
    var errorCode: String?

    enum CodingKeys: String, CodingKey {
        case kind, message
        case errorCode = "error_code"
    }

    /// Set in the environment of a detached supervisor: the pipe's descriptor.
    static let variable = "MIXMYAI_START_REPORT_FD"
}
