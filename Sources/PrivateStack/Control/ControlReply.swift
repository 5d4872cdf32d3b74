/// The supervisor's answer: one line of JSON.
struct ControlReply: Codable, Sendable, Equatable {
    /// Nil for success.
    var errorCode: String?
    var error: String?
    var status: StackStatus?

    enum CodingKeys: String, CodingKey {
        case error, status
        case errorCode = "error_code"
    }

    static let success = ControlReply()

    static func failure(_ error: PrivateStackError) -> ControlReply {
        ControlReply(errorCode: error.code.rawValue, error: error.description)
    }
}
