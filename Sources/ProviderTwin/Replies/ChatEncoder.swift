/// OpenAI Chat Completions: one object, or chunks and `[DONE]`.
struct ChatEncoder {
    let request: TwinRequest
    let answer: ModelAnswer
    let usage: Usage
    private let head: [UInt8]

    init(request: TwinRequest, answer: ModelAnswer, usage: Usage) {
        self.request = request
        self.answer = answer
        self.usage = usage
        var json = JSONWriter()
        json.beginObject()
        json.field("id", request.identifier("chatcmpl-"))
        json.field("object", request.isStreaming ? "chat.completion.chunk" : "chat.completion")
        json.field("created", request.createdSeconds)
        json.field("model", request.model)
        json.field("service_tier", request.serviceTier)
        json.field("system_fingerprint", "fp_" + String(StableHash.of(request.digest, "fp").hexadecimal.prefix(10)))
        head = json.bytes
    }

    func encode() -> EncodedReply {
        request.isStreaming ? stream() : EncodedReply(whole())
    }

    private var isRefusal: Bool { answer.ending == .refusal }

    private var finishReason: StaticString { answer.ending == .lengthLimit ? "length" : "stop" }

    private func whole() -> JSONWriter {
        var json = JSONWriter(capacity: answer.text.count * 5 / 4 + 900)
        json.literal(head)
        json.literal(",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"")
        json.key("content")
        if isRefusal { json.null() } else { json.string(answer.text) }
        json.key("refusal")
        if isRefusal { json.string(answer.text) } else { json.null() }
        json.literal(",\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"")
        json.literal(finishReason)
        json.literal("\"}]")
        usage(&json)
        json.endObject()
        return json
    }

    private func stream() -> EncodedReply {
        let pieces = answer.pieces()
        var json = JSONWriter(capacity: answer.text.count * 5 / 4 + (pieces.count + 4) * 300)
        var cuts: [Int] = []
        chunk(&json) { json in
            json.literal("\"role\":\"assistant\",\"content\":")
            json.literal(isRefusal ? "null" : "\"\"")
            json.literal(",\"refusal\":null")
        }
        for piece in pieces {
            chunk(&json) { json in
                json.key(isRefusal ? "refusal" : "content")
                json.string(piece)
            }
            cuts.append(json.bytes.count)
        }
        chunk(&json, finishReason: finishReason) { _ in }
        if request.streamsUsage {
            json.literal("data: ")
            json.literal(head)
            json.literal(",\"choices\":[]")
            usage(&json)
            json.literal("}\n\n")
        }
        json.literal("data: [DONE]\n\n")
        return EncodedReply(json, cuts: cuts)
    }

    private func chunk(
        _ json: inout JSONWriter, finishReason: StaticString? = nil, delta: (inout JSONWriter) -> Void
    ) {
        json.literal("data: ")
        json.literal(head)
        json.literal(",\"choices\":[{\"index\":0,\"delta\":{")
        delta(&json)
        json.literal("},\"logprobs\":null,\"finish_reason\":")
        if let finishReason {
            json.literal("\"")
            json.literal(finishReason)
            json.literal("\"}]")
        } else {
            json.literal("null}]")
        }
        if request.streamsUsage { json.literal(",\"usage\":null") }
        json.literal("}\n\n")
    }

    private func usage(_ json: inout JSONWriter) {
        json.key("usage")
        json.beginObject()
        json.field("prompt_tokens", usage.input)
        json.field("completion_tokens", usage.output)
        json.field("total_tokens", usage.input + usage.output)
        json.key("prompt_tokens_details")
        json.beginObject()
        json.field("cached_tokens", usage.cacheRead)
        json.literal(",\"cache_write_tokens\":0,\"audio_tokens\":0}")
        json.key("completion_tokens_details")
        json.beginObject()
        json.field("reasoning_tokens", usage.reasoning)
        json.literal(",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}")
        json.endObject()
    }
}
