namespace IlgpuSpp.Data;

/// <summary>What becomes of the last batch of an epoch when too few samples are left to fill it.</summary>
public enum LastBatch
{
    /// <summary>It is delivered with fewer rows.</summary>
    Keep,

    /// <summary>It is left out.</summary>
    Drop,

    /// <summary>It is delivered with all its rows; those left over are zero and have the label −1, which losses ignore.</summary>
    Pad,
}
