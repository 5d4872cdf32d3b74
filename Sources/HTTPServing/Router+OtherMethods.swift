import HTTPTypes
package import Hummingbird

extension Router {
    /// Answers, on every path that has routes, the methods that it has no route for.
    ///
    /// Called when all routes are there. The responder's routes and these answers come from one list, the router's own.
    ///
    /// - Parameter answer: gets the request and the value of `Allow`; `OPTIONS` is among what it is asked.
    package func addOtherMethods(
        _ answer: @escaping @Sendable (_ request: Request, _ allow: String, _ context: Context) throws -> Response
    ) {
        var paths: [String: (path: RouterPath, methods: Set<HTTPRequest.Method>)] = [:]
        for route in routes {
            paths[route.path.description, default: (route.path, [])].methods.insert(route.method)
        }
        for (path, methods) in paths.values {
            // The router answers HEAD wherever it answers GET.
            let known = methods.contains(.get) ? methods.union([.head]) : methods
            let allow = known.union([.options]).map(\.rawValue).sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options, .trace]
            where !known.contains(method) {
                on(path, method: method) { request, context in try answer(request, allow, context) }
            }
        }
    }
}
