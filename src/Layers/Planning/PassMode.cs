namespace IlgpuSpp.Layers;

/// <summary>What a pass through a network is for.</summary>
public enum PassMode
{
    /// <summary>Outputs only: dropout does nothing, batch normalisation uses its running statistics, memory is reused along the way.</summary>
    Inference,

    /// <summary>Outputs and gradients.</summary>
    Training,
}

/// <summary>The random numbers of one training step.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Number of the step; every step draws other numbers, the same step the same ones.</param>
public readonly record struct PassState(ulong Seed, uint Step);
