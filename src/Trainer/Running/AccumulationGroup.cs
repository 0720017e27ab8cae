namespace IlgpuSpp.Training;

/// <summary>
/// The batches since the last update of the weights. Where a run is interrupted among them, they are undone: batch
/// normalisation gets the running statistics back that it had, and the resumed run does the whole group again.
/// </summary>
internal sealed class AccumulationGroup : IDisposable
{
    private readonly List<(Tensor Value, Tensor Before)> _statistics = [];

    /// <summary>Creates the group; one of a single batch is never interrupted inside.</summary>
    public AccumulationGroup(Network network, int batches)
    {
        if (batches == 1) return;
        foreach (Parameter parameter in network.Parameters.Where(parameter => !parameter.Trainable))
            _statistics.Add((parameter.Value, network.Backend.Allocate(parameter.Value.Shape)));
    }

    /// <summary>Its first batch in the epoch, from 0.</summary>
    public int FirstBatch { get; private set; }

    /// <summary>The epoch's sums without it; set when those of its first batch are read.</summary>
    public EpochTotals TotalsBefore { get; set; }

    public void Begin(int batch)
    {
        FirstBatch = batch;
        foreach ((Tensor value, Tensor before) in _statistics) value.Backend.Copy(value, before);
    }

    public void Undo()
    {
        foreach ((Tensor value, Tensor before) in _statistics) value.Backend.Copy(before, value);
    }

    public void Dispose()
    {
        foreach ((_, Tensor before) in _statistics) before.Dispose();
        _statistics.Clear();
    }
}
