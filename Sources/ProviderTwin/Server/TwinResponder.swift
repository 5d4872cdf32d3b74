import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// Routes by path: the model APIs, the model list, and the twin's own endpoints.
struct TwinResponder: HTTPResponder {
    typealias Context = TwinContext

    let state: TwinState
    let seed: UInt64
    let recorder: RequestRecorder?
    /// Names that are no provider's, which are served all the same.
    let ownModels: Set<String>

    func respond(to request: Request, context: TwinContext) async throws -> Response {
        let path = (request.head.path ?? "/").prefix { $0 != "?" }
        switch (request.method, path) {
        case (.get, "/livez"), (.get, "/readyz"): return Self.text("ok\n")
        case (.get, "/metrics"): return Self.text(state.counters.metrics(billedMicroUSD: state.billedMicroUSD))
        case (.get, "/twin/stats"): return Self.json(state.stats())
        case (.get, "/twin/bill"): return Self.json(state.billLines(), type: "application/x-ndjson")
        case (.post, "/twin/control"): return try await control(request)
        case (.get, _) where path == "/v1/models" || path.hasPrefix("/v1/models/"):
            return models(request, name: path.dropFirst("/v1/models/".count))
        case (.post, _):
            if let endpoint = Endpoint(path: path) {
                let call = ModelCall(endpoint: endpoint, responder: self, request: request, channel: context.channel)
                return try await call.respond()
            }
        default: break
        }
        let method = request.method.rawValue
        let failure: ProviderFailure =
            Endpoint(path: path) == nil ? .wrongPath(method, path) : .wrongMethod(method, path)
        let body = failure.body(for: Self.provider(of: request), requestID: "req_nothing")
        return Self.json(body, status: failure.status)
    }

    private static func provider(of request: Request) -> Provider {
        let isAnthropic =
            request.headers[optional: HeaderName.apiKey] != nil
            || request.headers[optional: HeaderName.anthropicVersion] != nil
        return isAnthropic ? .anthropic : .openAI
    }

    private func control(_ request: Request) async throws -> Response {
        do {
            let body = try await request.body.collect(upTo: 1 << 20)
            let control = try TwinControl(body: body.readableBytesView)
            return Self.json(state.apply(control).json)
        } catch let error as TwinError {
            var json = JSONWriter()
            json.append(raw: "{\"error\":{")
            json.field("code", error.code.description)
            json.field("message", error.message)
            json.append(raw: "}}")
            return Self.json(json.bytes, status: 400)
        }
    }

    private func models(_ request: Request, name: some StringProtocol) -> Response {
        let provider = Self.provider(of: request)
        let failure: ProviderFailure
        if let problem = Credential.problem(in: request.headers, for: provider) {
            failure = problem
        } else if !name.isEmpty && !ModelList.has(String(name), provider) && !ownModels.contains(String(name)) {
            failure = .unknownModel(String(name), provider)
        } else if name.isEmpty {
            return Self.json(ModelList.list(for: provider))
        } else {
            return Self.json(ModelList.model(String(name), for: provider))
        }
        return Self.json(failure.body(for: provider, requestID: "req_models"), status: failure.status)
    }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func json(_ bytes: [UInt8], status: Int = 200, type: String = "application/json") -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
