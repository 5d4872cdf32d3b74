/// One answer in the wire format of one API.
struct ReplyEncoder {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage

    /// Encodes the reply body; the same request and answer always give the same bytes.
    func encode() -> EncodedReply {
        switch request.endpoint {
        case .responses: ResponsesEncoder(request: request, answer: answer, usage: usage).encode()
        case .chatCompletions: ChatEncoder(request: request, answer: answer, usage: usage).encode()
        case .messages: MessagesEncoder(request: request, answer: answer, usage: usage).encode()
        }
    }
}
