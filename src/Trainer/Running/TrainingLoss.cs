namespace IlgpuSpp.Training;

/// <summary>The loss of a run: cross-entropy by labels, or, where images are mixed or the loss is focal, by a target for every class.</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="smoothing">Share of a target spread over all classes.</param>
/// <param name="focus">Exponent of focal loss.</param>
/// <param name="mixed">Whether rows show two images.</param>
internal sealed class TrainingLoss(int classes, float smoothing = 0, float focus = 0, bool mixed = false)
{
    private float[] _targets = [];

    /// <summary>The loss by labels; null where rows have targets.</summary>
    public Loss? ByLabels { get; } = mixed || focus > 0 ? null : new CrossEntropyLoss(smoothing);

    /// <summary>Exponent of the loss by targets.</summary>
    public float Focus => focus;

    /// <summary>The targets of some rows, <c>[count, classes]</c>; rows that do not count have none. Holds until the next call.</summary>
    public ReadOnlySpan<float> TargetsOf(Batch batch, int first, int count)
    {
        if (_targets.Length < count * classes) _targets = new float[count * classes];
        Span<float> targets = _targets.AsSpan(0, count * classes);
        for (int row = 0; row < count; row++)
        {
            Span<float> own = targets.Slice(row * classes, classes);
            int label = batch.Labels[first + row];
            own.Fill(label < 0 ? 0 : smoothing / classes);
            if (label < 0) continue;
            own[label] += (1 - smoothing) * batch.Shares[first + row];
            own[batch.Others[first + row]] += (1 - smoothing) * (1 - batch.Shares[first + row]);
        }
        return targets;
    }
}
