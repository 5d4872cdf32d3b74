import Hummingbird
import HummingbirdCore

extension Request {
    /// The value of a query parameter, decoded; nil if it is absent.
    func query(_ name: String) -> String? {
        uri.queryParameters[Substring(name)].map(String.init)
    }
}
