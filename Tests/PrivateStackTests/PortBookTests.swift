import Testing

@testable import PrivateStack

struct PortBookTests {
    @Test func leasedPortIsNotLeasedTwice() throws {
        var lease: PortLease?
        for port in 11_000..<11_400 where lease == nil { lease = PortLease(port: port) }
        let held = try #require(lease)
        #expect(PortLease(port: held.port) == nil)
        let port = held.port
        lease = nil
        withExtendedLifetime(held) {}
        #expect(port > 0)
    }

    @Test func portsAreTheSameAtTheNextStartUnlessTaken() async throws {
        try await withTemporaryFolder { folder in
            let state = StateDirectory(folder)
            try state.create()
            let first = try { try PortBook(state).port("gateway") }()
            let book = try PortBook(state)
            #expect(try book.port("gateway") == first)
            // While the first book holds it, another start has to choose another one.
            #expect(try PortBook(state).port("gateway") != first)
            withExtendedLifetime(book) {}
        }
    }
}
