/// What follows from a task's rows; nil: nothing. The function gives the ids of new steps.
package typealias Decision = @Sendable (TaskSnapshot, @escaping @Sendable () -> Int) -> TaskTransition?
