import FleetCore

/// Why there is no usable answer from a model.
enum NoAnswer: Error {
    /// The attempt is over.
    case over(StepOutcome)
    /// The call failed: the retry table decides.
    case failed(ModelFailure)
    /// The provider has asked to be left alone for long: another model may be free.
    case longAway(StepOutcome)
    /// Neither the answer nor its repair can be used: another model may do better.
    case unusable(String)
}
