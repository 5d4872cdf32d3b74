/// A row of `provider_limits`.
package struct LimitSetting: Sendable, Equatable {
    /// The class of a provider's row that holds for all classes without a row of their own.
    package static let allClasses = "*"

    /// As in the model catalogue: `openai`, `anthropic`.
    package var provider: String
    /// The models' ``ModelSpec/limitClass``, or `*` for all classes of the provider without a row.
    package var limitClass: String
    /// Replace the specification's as a whole: what is nil here is unlimited.
    package var limits: RateLimits

    package init(provider: String, limitClass: String, limits: RateLimits) {
        self.provider = provider
        self.limitClass = limitClass
        self.limits = limits
    }
}
