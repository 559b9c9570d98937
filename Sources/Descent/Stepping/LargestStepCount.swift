/// The most steps that a run, a schedule or a checkpoint may count: sums of a few thousand of them stay far from overflow.
package let largestStepCount = 1 << 48
