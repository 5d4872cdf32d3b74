import JSON

/// Anthropic Messages: one object, or named events from `message_start` to `message_stop`.
///
/// A refusal comes before any output, so it has no content. About one other reply in four begins with a thinking block, as with real models: clients select blocks by type.
struct MessagesEncoder {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage
    private let thinks: Bool

    private static let thought =
        "The request names its sections; the answer must follow them and stay within the schema."

    init(request: TwinRequest, answer: ModelAnswer, usage: Usage) {
        self.request = request
        self.answer = answer
        self.usage = usage
        thinks = answer.ending != .refusal && StableHash.of(request.digest, "thinking") % 4 == 0
    }

    func encode() -> EncodedReply {
        request.isStreaming ? stream() : EncodedReply(whole())
    }

    private var stopReason: String {
        switch answer.ending {
        case .complete: "end_turn"
        case .lengthLimit: "max_tokens"
        case .refusal: "refusal"
        }
    }

    private var signature: String {
        (0..<6).map { StableHash.of(request.digest, "signature", String($0)).hexadecimal }.joined() + "=="
    }

    private func whole() -> JSONWriter {
        var json = JSONWriter(reservingCapacity: answer.text.count * 5 / 4 + 1000)
        start(&json)
        json.key("content")
        json.beginArray()
        if thinks {
            json.beginObject()
            json.field("type", "thinking")
            json.field("thinking", Self.thought)
            json.field("signature", signature)
            json.endObject()
        }
        if answer.ending != .refusal {
            json.beginObject()
            json.append(raw: "\"type\":\"text\",\"text\":")
            json.write(utf8: answer.text)
            json.endObject()
        }
        json.endArray()
        stop(&json)
        usage(&json, outputTokens: usage.output)
        json.endObject()
        return json
    }

    private func stream() -> EncodedReply {
        let pieces = answer.pieces()
        var json = JSONWriter(reservingCapacity: answer.text.count * 5 / 4 + pieces.count * 160 + 2500)
        var cuts: [Int] = []
        json.append(raw: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":")
        start(&json)
        json.append(raw: ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null")
        usage(&json, outputTokens: min(1, usage.output))
        json.append(raw: "}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n")
        if thinks { thinkingBlock(&json) }
        if answer.ending != .refusal {
            let index = thinks ? 1 : 0
            json.append(raw: "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
            json.write(index)
            json.append(raw: ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")
            for piece in pieces {
                delta(&json, index: index, type: "text_delta", name: "text") { $0.write(utf8: piece) }
                cuts.append(json.bytes.count)
            }
            blockStop(&json, index: index)
        }
        json.append(raw: "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"")
        json.append(raw: stopReason)
        json.append(raw: "\",\"stop_sequence\":null}")
        usage(&json, outputTokens: usage.output)
        json.append(raw: "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        return EncodedReply(json, cuts: cuts)
    }

    private func thinkingBlock(_ json: inout JSONWriter) {
        json.append(raw: "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,")
        json.append(raw: "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n")
        delta(&json, index: 0, type: "thinking_delta", name: "thinking") { $0.write(Self.thought) }
        delta(&json, index: 0, type: "signature_delta", name: "signature") { $0.write(signature) }
        blockStop(&json, index: 0)
    }

    private func delta(
        _ json: inout JSONWriter, index: Int, type: String, name: String,
        value: (inout JSONWriter) -> Void
    ) {
        json.append(raw: "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        json.write(index)
        json.append(raw: ",\"delta\":{\"type\":\"")
        json.append(raw: type)
        json.append(raw: "\"")
        json.key(name)
        value(&json)
        json.append(raw: "}}\n\n")
    }

    private func blockStop(_ json: inout JSONWriter, index: Int) {
        json.append(raw: "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        json.write(index)
        json.append(raw: "}\n\n")
    }

    private func start(_ json: inout JSONWriter) {
        json.beginObject()
        json.field("id", request.identifier("msg_"))
        json.append(raw: ",\"type\":\"message\",\"role\":\"assistant\"")
        json.field("model", request.model)
    }

    private func stop(_ json: inout JSONWriter) {
        json.append(raw: ",\"stop_reason\":\"")
        json.append(raw: stopReason)
        json.append(raw: "\",\"stop_sequence\":null")
    }

    private func usage(_ json: inout JSONWriter, outputTokens: Int) {
        json.key("usage")
        json.beginObject()
        json.field("input_tokens", usage.uncachedInput)
        json.field("cache_creation_input_tokens", usage.cacheWrite)
        json.field("cache_read_input_tokens", usage.cacheRead)
        json.append(raw: ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}")
        json.field("output_tokens", outputTokens)
        json.key("output_tokens_details")
        json.beginObject()
        json.field("thinking_tokens", min(usage.reasoning, outputTokens))
        json.endObject()
        json.field("service_tier", request.serviceTier)
        json.endObject()
    }
}
