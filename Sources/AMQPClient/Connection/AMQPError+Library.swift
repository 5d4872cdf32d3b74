import CRabbitMQ

/// The one place where the library's and the broker's verdicts become errors.
extension AMQPError {
    /// A library status.
    static func status(_ status: Int32, while action: String) -> AMQPError {
        let words = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        let code: Code =
            switch amqp_status_enum(rawValue: status) {
            case AMQP_STATUS_NO_MEMORY: .outOfResources
            case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED: .connectionRefused
            case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_CLASS, AMQP_STATUS_UNKNOWN_METHOD,
                AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, AMQP_STATUS_WRONG_METHOD, AMQP_STATUS_UNEXPECTED_STATE,
                AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
                .protocolError
            case AMQP_STATUS_INVALID_PARAMETER, AMQP_STATUS_TABLE_TOO_BIG: .invalidArgument
            case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
                AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_SET_ENGINE_FAILED:
                .tls
            default: .connectionLost
            }
        return AMQPError(code, "\(words), while \(action)")
    }

    /// A status of opening the socket, where the library does not tell a refusal from a breakdown.
    static func connecting(_ status: Int32) -> AMQPError {
        switch amqp_status_enum(rawValue: status) {
        case AMQP_STATUS_SOCKET_ERROR, AMQP_STATUS_TCP_ERROR:
            AMQPError(.connectionRefused, "nobody accepts connections")
        case AMQP_STATUS_TIMEOUT: AMQPError(.timedOut, "the address does not answer")
        default: .status(status, while: "connecting")
        }
    }

    /// A reply to a request; nil if it was the one expected.
    static func reply(_ reply: amqp_rpc_reply_t, while action: String) -> AMQPError? {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: nil
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: .status(reply.library_error, while: action)
        case AMQP_RESPONSE_SERVER_EXCEPTION: .verdict(reply.reply)
        default: AMQPError(.connectionLost, "the connection ended, while \(action)")
        }
    }

    /// The broker closed the channel or the connection.
    static func verdict(_ method: amqp_method_t) -> AMQPError {
        guard let decoded = method.decoded else { return AMQPError(.protocolError, "an empty reply") }
        switch method.id {
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = decoded.load(as: amqp_channel_close_t.self)
            return .channelClosed(Int(close.reply_code), line(close.reply_text))
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = decoded.load(as: amqp_connection_close_t.self)
            return .connectionClosed(Int(close.reply_code), line(close.reply_text))
        default: return AMQPError(.protocolError, "an unexpected reply")
        }
    }

    /// Some of the broker's verdicts have several lines, which logs and people take as one.
    private static func line(_ text: amqp_bytes_t) -> String {
        String(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    static func channelClosed(_ replyCode: Int, _ text: String) -> AMQPError {
        let code: Code =
            switch replyCode {
            case 403: .accessRefused
            case 404: text.contains(" is down") ? .unavailable : .notFound
            case 405: .resourceLocked
            case 406: text.contains(" is reached") ? .limitReached : .preconditionFailed
            case 311: .invalidArgument
            default: .protocolError
            }
        return AMQPError(code, text, replyCode: replyCode)
    }

    static func connectionClosed(_ replyCode: Int, _ text: String) -> AMQPError {
        let code: Code =
            switch replyCode {
            case 530 where text.contains(" limit "): .limitReached
            case 530 where text.contains(" is down"): .unavailable
            case 403, 530: .accessRefused
            case 320, 541, 506: .connectionLost
            default: .protocolError
            }
        return AMQPError(code, text, replyCode: replyCode)
    }

    /// While logging in, the broker's 403 speaks of the password, and its 530 of the virtual host.
    var loggingIn: AMQPError {
        switch (code, replyCode) {
        case (.accessRefused, 403): AMQPError(.authenticationFailed, message, replyCode: replyCode)
        case (.accessRefused, _) where message.contains("not found"):
            AMQPError(.notFound, message, replyCode: replyCode)
        default: self
        }
    }
}
