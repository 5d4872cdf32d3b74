/// How many workers a number of steps wants: the specification's table, or an operator's.
package struct WorkerTable: Sendable, Equatable {
    /// Up to how many steps a number of workers holds.
    package struct Level: Sendable, Equatable {
        package var upTo: Int
        package var workers: Int

        package init(upTo: Int, workers: Int) {
            self.upTo = upTo
            self.workers = workers
        }
    }

    private let levels: [Level]
    /// Beyond the last level.
    package let most: Int

    /// - Parameters:
    ///   - levels: with rising bounds and numbers of workers; nil is returned otherwise.
    ///   - most: for more steps than the last level has.
    package init?(_ levels: [Level], most: Int) {
        let bounds = [-1] + levels.map(\.upTo)
        let workers = [0] + levels.map(\.workers) + [most]
        guard zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(workers, workers.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        self.levels = levels
        self.most = most
    }

    private init(specified levels: [Level], most: Int) {
        self.levels = levels
        self.most = most
    }

    /// Section "Scaling Strategy": 0 to 10 steps 2 workers, to 50: 5, to 200: 10, more: 20.
    package static let specified = WorkerTable(
        specified: [Level(upTo: 10, workers: 2), Level(upTo: 50, workers: 5), Level(upTo: 200, workers: 10)], most: 20)

    /// The workers that so many steps want.
    package func workers(for steps: Int) -> Int {
        levels.first { steps <= $0.upTo }?.workers ?? most
    }
}
