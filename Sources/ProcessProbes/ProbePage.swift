/// Something that a process answers on its probe port besides the usual.
package struct ProbePage: Sendable {
    /// An answer as it is sent; nobody may keep it.
    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var contentType: String
        package var body: String

        package init(status: Int, contentType: String, body: String) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// Without the leading slash.
    package let path: String
    let answer: @Sendable () async -> Answer

    /// - Parameter answer: asked on each `GET`, has to be quick.
    package init(_ path: String, answer: @escaping @Sendable () async -> Answer) {
        self.path = path
        self.answer = answer
    }
}
