import Autoscaling
import FleetCore
import Testing

struct ScalingPolicyTests {
    private let policy = ScalingPolicy()

    private func type(_ name: String, _ role: AgentRole, ready: Int, forCapacity: Int = 0) -> TypeBacklog {
        TypeBacklog(
            agentType: name, role: role, waiting: [.medium: .init(ready: ready, forCapacity: forCapacity)],
            parked: forCapacity)
    }

    @Test func rolesGetWhatTheirTypesWantTogetherWithinTheirBounds() {
        let types = [
            type("manager", .manager, ready: 500), type("a", .specialist, ready: 120),
            type("b", .specialist, ready: 81),
        ]
        #expect(policy.wanted(types) == [.manager: 5, .specialist: 20, .coordinator: 2, .analyst: 2])
        #expect(policy.wanted([]) == [.manager: 2, .specialist: 10, .coordinator: 2, .analyst: 2])
    }

    @Test func aPoolServesAllTypesWithinItsBounds() throws {
        let types = [type("manager", .manager, ready: 30), type("a", .specialist, ready: 30)]
        #expect(policy.wanted(types, pool: .pool) == 10)
        #expect(policy.wanted(types, pool: try #require(WorkerBounds(minimum: 1, maximum: 4))) == 4)
        #expect(policy.wanted([], pool: try #require(WorkerBounds(minimum: 3, maximum: 4))) == 3)
    }

    @Test func noMoreWorkersAreOfUseThanThereAreStepsToTake() {
        #expect(
            [0, 1, 2, 40, 5000].map { policy.usefulWorkers(type("a", .specialist, ready: $0)) } == [0, 1, 2, 5, 20])
        #expect(policy.usefulWorkers(type("a", .specialist, ready: 5000, forCapacity: 65)) == 0)
    }

    @Test func blockedWorkWantsNobody() throws {
        let blocked = type("a", .specialist, ready: 5000, forCapacity: 65)
        #expect(policy.wanted([blocked], pool: .pool) == 2)
        #expect(policy.wanted([blocked])[.specialist] == 10)
    }
}
