import Glibc
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

    /// A lease that is refused had closed its descriptor twice, the second time perhaps somebody else's.
    @Test func aRefusedLeaseClosesNobodyElsesFile() async throws {
        var lease: PortLease?
        for port in 11_400..<11_800 where lease == nil { lease = PortLease(port: port) }
        let held = try #require(lease)
        let port = held.port
        let lost = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                for _ in 0..<20_000 where PortLease(port: port) != nil { return 1 }
                return 0
            }
            group.addTask {
                var lost = 0
                for _ in 0..<20_000 {
                    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    lost += close(file) == 0 ? 0 : 1
                }
                return lost
            }
            return await group.reduce(0, +)
        }
        #expect(lost == 0)
        withExtendedLifetime(held) {}
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
