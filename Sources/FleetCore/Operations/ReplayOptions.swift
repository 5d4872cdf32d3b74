/// How dead letters are tried again.
package struct ReplayOptions: Sendable, Equatable {
    /// Asked first by all steps of the retries, by its name in the catalogue; nil: the usual ones.
    package var model: String?
    /// At most so many are begun in a minute; nil: as fast as it goes.
    package var ratePerMinute: Int?
    /// One first; the others only if it succeeds.
    package var hasCanary: Bool

    package init(model: String? = nil, ratePerMinute: Int? = nil, hasCanary: Bool = false) {
        self.model = model
        self.ratePerMinute = ratePerMinute
        self.hasCanary = hasCanary
    }
}
