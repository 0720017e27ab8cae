namespace IlgpuSpp.Training;

/// <summary>The loss of a run: cross-entropy by labels where every row has one class of one weight, else by a target for every class.</summary>
/// <param name="classes">Number of classes.</param>
/// <param name="smoothing">Share of a target spread over all classes.</param>
/// <param name="soft">Whether rows have targets.</param>
internal sealed class TrainingLoss(int classes, float smoothing = 0, bool soft = false)
{
    private readonly CrossEntropyLoss _labels = new(smoothing);
    private float[] _targets = [];

    /// <summary>Whether rows have targets.</summary>
    public bool IsSoft => soft;

    /// <summary>The loss by labels.</summary>
    public Loss ByLabels => _labels;

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
