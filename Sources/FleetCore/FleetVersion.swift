/// The version of this program.
package enum FleetVersion {
    /// Semantic version.
    package static let number = "0.1.0"
}
