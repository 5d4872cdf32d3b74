/// Which batch is meant.
package struct BatchReference: Sendable, Equatable {
    package var id: String
    package var name: String
    package var userID: String

    package init(id: String, name: String, userID: String) {
        self.id = id
        self.name = name
        self.userID = userID
    }
}
