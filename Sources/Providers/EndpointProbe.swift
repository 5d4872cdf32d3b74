internal import FleetCore
package import HTTPTransport
import JSON

/// Looks whether an API is served where a setting says, by asking for its list of models: that costs nothing.
package struct EndpointProbe: Sendable {
    /// What was found there.
    package enum Outcome: Sendable, Equatable {
        /// The API is there, or the address is the provider's own.
        case serves
        /// It is there, and does not take the key.
        case refusesKey
        /// It is not there, but below this address.
        case servesAt(String)
        /// Something answers, and lists no models: not every server does. With what to look at.
        case unclear(String)
        /// Nothing answers. With the reason.
        case unreachable(String)
    }

    private let endpoint: ProviderEndpoint
    private let isAnthropic: Bool

    private static let timeout = Duration.seconds(5)
    private static let bodyLimit = 4 << 20

    /// - Parameter isAnthropic: whether the endpoint speaks Anthropic's API instead of OpenAI's.
    package init(_ endpoint: ProviderEndpoint, isAnthropic: Bool) {
        self.endpoint = endpoint
        self.isAnthropic = isAnthropic
    }

    /// Asks; never the provider's own host, whose address is known.
    package func outcome(client: HTTPClient) async -> Outcome {
        if endpoint.isDefaultHost {
            return endpoint.isStandard ? .serves : .servesAt(endpoint.standard)
        }
        do {
            let answer = try await ask(endpoint, client)
            if answer != .nothing { return answer.outcome }
            if !isAnthropic, let other = endpoint.withVersion, try await ask(other, client) != .nothing {
                return .servesAt(other.shown)
            }
            return .unclear(endpoint.hint)
        } catch {
            return .unreachable(endpoint.apiKey.removed(from: "\(error)"))
        }
    }

    private enum Answer {
        case models
        case refusal
        case nothing

        var outcome: Outcome { self == .refusal ? .refusesKey : .serves }
    }

    private func ask(_ endpoint: ProviderEndpoint, _ client: HTTPClient) async throws(HTTPError) -> Answer {
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if isAnthropic { headers.append("anthropic-version", "2023-06-01") }
        if !endpoint.apiKey.isEmpty {
            let key = endpoint.apiKey.secret
            if isAnthropic {
                headers.append("x-api-key", key)
            } else {
                headers.append("Authorization", "Bearer \(key)")
            }
        }
        let url = endpoint.url(isAnthropic ? "/v1/models" : "/models")
        let response = try await client.execute(HTTPRequest(url: url, headers: headers), timeout: Self.timeout)
        if response.status == 401 || response.status == 403 { return .refusal }
        guard 200..<300 ~= response.status else { return .nothing }
        // Many servers answer every path with a page.
        let body = try await response.body.collect(upTo: Self.bodyLimit)
        return (try? WireJSON(body.trimmed).value.object) == nil ? .nothing : .models
    }
}
