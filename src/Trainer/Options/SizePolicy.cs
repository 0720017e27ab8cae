namespace IlgpuSpp.Training;

/// <summary>Which of the input sizes an epoch trains at. With a single size both are the paper's single-size training.</summary>
public enum SizePolicy
{
    /// <summary>The paper's multi-size training: one full epoch at each size in turn, in the order given.</summary>
    MultiSize,

    /// <summary>The paper's random-size training: every epoch at a size drawn uniformly from the smallest to the largest, both included.</summary>
    RandomSize,
}
