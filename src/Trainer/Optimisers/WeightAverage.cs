namespace IlgpuSpp.Training;

/// <summary>
/// An exponential average of all weights and running statistics of a network. The decay of the n-th update is
/// min(decay, (1 + n)/(10 + n)), so that the first values are soon forgotten.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly Backend _backend;
    private readonly double _decay;
    private readonly Tensor[] _averages, _values;

    /// <summary>Starts from the present weights.</summary>
    /// <param name="network">The network.</param>
    /// <param name="decay">Share of the average that is kept, in (0, 1).</param>
    public WeightAverage(Network network, double decay)
    {
        _backend = network.Backend;
        _decay = decay;
        Parameters = network.Parameters;
        _values = [.. network.Parameters.Select(p => p.Value)];
        _averages = [.. network.Parameters.Select(p => _backend.Allocate(p.Shape))];
        for (int i = 0; i < _values.Length; i++) _backend.Copy(_values[i], _averages[i]);
    }

    /// <summary>The parameters, in the order of <see cref="Averages"/>.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The averages.</summary>
    public IReadOnlyList<Tensor> Averages => _averages;

    /// <summary>Takes in the weights after an update.</summary>
    /// <param name="update">Number of the update, from 1.</param>
    public void Update(long update) =>
        _backend.ExponentialAverage(_averages, _values, (float)Math.Min(_decay, (1.0 + update) / (10.0 + update)));

    /// <summary>Exchanges the network's weights and their averages; doing it again brings both back, bit for bit.</summary>
    public void Swap()
    {
        using Tensor spare = _backend.Allocate(new Shape(checked((int)_values.Max(v => v.Count))));
        for (int i = 0; i < _values.Length; i++)
        {
            Tensor copy = spare.View(_values[i].Shape);
            _backend.Copy(_values[i], copy);
            _backend.Copy(_averages[i], _values[i]);
            _backend.Copy(copy, _averages[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor average in _averages) average.Dispose();
    }
}
