/// The four scores of a review, in hundredths.
struct ReviewScores: Equatable {
    var completeness: Int
    var accuracy: Int
    var relevance: Int
    var quality: Int

    /// Scores whose weighted total is exactly the target: the differences cancel out.
    init(total: Int) {
        completeness = total + 20
        accuracy = total - 20
        relevance = total + 30
        quality = total - 30
    }

    /// 0.30 completeness, 0.30 accuracy, 0.20 relevance, 0.20 quality, in hundredths.
    var weighted: Int { (3 * completeness + 3 * accuracy + 2 * relevance + 2 * quality) / 10 }

    /// Lowers what is higher.
    mutating func limit(
        completeness: Int = 1000, accuracy: Int = 1000, relevance: Int = 1000, all: Int = 1000
    ) {
        self.completeness = min(self.completeness, completeness, all)
        self.accuracy = min(self.accuracy, accuracy, all)
        self.relevance = min(self.relevance, relevance, all)
        quality = min(quality, all)
    }
}
