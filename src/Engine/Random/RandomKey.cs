namespace IlgpuSpp.Engine;

/// <summary>
/// Names one stream of counter-based random numbers. Two draws with the same key are the same numbers on every
/// backend and at every thread count.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Stream">What draws: a layer's or parameter's number, or one of the loader's uses.</param>
/// <param name="Step">When it draws: the training step, epoch or sample number.</param>
public readonly record struct RandomKey(ulong Seed, uint Stream, uint Step);
