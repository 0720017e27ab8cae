namespace IlgpuSpp.Training;

/// <summary>Turns the gradients of one or several batches into one update of the weights: mean, clipping, optimiser, average.</summary>
internal sealed class WeightUpdater : IDisposable
{
    private readonly Backend _backend;
    private readonly double _clipNorm;
    private readonly int _batchSize;
    private readonly Tensor _squares;
    private readonly float[] _hostSquares = new float[1];
    private readonly IReadOnlyList<Parameter> _parameters;

    public WeightUpdater(Network network, TrainerOptions options)
    {
        network.PrepareTraining();
        _backend = network.Backend;
        _clipNorm = options.ClipNorm;
        _batchSize = options.BatchSize;
        _parameters = network.Parameters;
        foreach (Parameter parameter in _parameters)
        {
            if (parameter.Trainable) _backend.Fill(parameter.Gradient, 0);
        }
        Optimiser = Optimiser.Create(options, network);
        Average = options.EmaDecay > 0 ? new WeightAverage(network, options.EmaDecay) : null;
        _squares = _backend.Allocate(new Shape(1));
    }

    public Optimiser Optimiser { get; }

    public WeightAverage? Average { get; }

    /// <summary>Factor of the gradient in a backward pass: that of a full batch. The update corrects it for the images that counted.</summary>
    public float GradientScale => 1f / _batchSize;

    /// <summary>Updates the weights and sets the gradients to zero.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="images">Images whose gradients were added up, at least 1.</param>
    public void Update(double learningRate, int images)
    {
        double scale = (double)_batchSize / images;
        if (_clipNorm > 0)
        {
            Optimiser.SumOfSquaredGradients(_squares);
            _squares.Download(_hostSquares);
            double norm = Math.Sqrt(_hostSquares[0]) * scale;
            if (norm > _clipNorm) scale *= _clipNorm / norm;
        }
        Optimiser.Update(learningRate, scale);
        Average?.Update(Optimiser.Updates);
    }

    /// <summary>Whether no weight is NaN or infinite (or so large that its square is).</summary>
    public bool WeightsAreFinite()
    {
        bool accumulate = false;
        foreach (Parameter parameter in _parameters)
        {
            _backend.SumOfSquares(parameter.Value, _squares, accumulate);
            accumulate = true;
        }
        _squares.Download(_hostSquares);
        return float.IsFinite(_hostSquares[0]);
    }

    public void Dispose()
    {
        Optimiser.Dispose();
        Average?.Dispose();
        _squares.Dispose();
    }
}
