namespace IlgpuSpp.Models;

/// <summary>
/// What a fully connected layer answers to the inputs that it meets in use: the mean of its responses and how they vary together. Factors chosen by them keep what the layer says
/// of such inputs, where the weights alone do not tell which inputs there are (Zhang, Zou, He, Sun, "Accelerating Very Deep Convolutional Networks for Classification and Detection",
/// 2015, section 3.1).
/// </summary>
public sealed class LayerResponses : IDisposable
{
    private const int Block = 256;

    private readonly Backend _backend;
    private readonly Tensor _rows, _moments;
    private readonly float[] _block;
    private readonly double[] _sums;
    private readonly bool _centred;
    private float[]? _shift;

    /// <summary>Starts without responses.</summary>
    /// <param name="layer">The layer. Where it has a bias, responses vary about their mean, else about 0.</param>
    /// <param name="backend">Where the sums are made.</param>
    public LayerResponses(Linear layer, Backend backend)
    {
        (Layer, Length, _backend, _centred) = (layer.Name, layer.OutFeatures, backend, layer.Bias is not null);
        _rows = backend.Allocate(new Shape(Block, Length));
        _moments = backend.Allocate(new Shape(Length, Length));
        backend.Fill(_moments, 0);
        _block = new float[Block * Length];
        _sums = new double[Length];
    }

    /// <summary>Name of the layer.</summary>
    public string Layer { get; }

    /// <summary>Values of a response.</summary>
    public int Length { get; }

    /// <summary>Responses so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds responses.</summary>
    /// <param name="responses">The layer's sums with its bias, before any activation, <c>[n, length]</c>.</param>
    /// <exception cref="ArgumentException">There is a part of a response.</exception>
    public void Add(ReadOnlySpan<float> responses)
    {
        if (responses.Length % Length != 0) throw new ArgumentException($"Responses of {Length} values are expected.", nameof(responses));
        // Near their mean the sums lose nothing to rounding; the first response is near enough.
        _shift ??= _centred && responses.Length > 0 ? responses[..Length].ToArray() : new float[Length];
        for (; responses.Length > 0; responses = responses[Math.Min(responses.Length, _block.Length)..])
        {
            int count = Math.Min(Block, responses.Length / Length);
            _block.AsSpan().Clear();
            for (int row = 0; row < count; row++)
                for (int i = 0; i < Length; i++)
                {
                    float value = responses[row * Length + i] - _shift[i];
                    _block[row * Length + i] = value;
                    _sums[i] += value;
                }
            _rows.Upload(_block);
            _backend.Gemm(true, false, 1, _rows, _rows, 1, _moments);
            Count += count;
        }
    }

    /// <summary>The mean; 0 where the layer has no bias to hold it.</summary>
    internal float[] Mean() => _centred && _shift is not null ? [.. _sums.Select((sum, i) => (float)(_shift[i] + sum / Count))] : new float[Length];

    /// <summary>Σ (y − mean)(y − mean)ᵀ of all responses, <c>[length, length]</c>; the caller disposes it.</summary>
    internal Tensor Moments()
    {
        float[] values = _moments.ToArray();
        for (int i = 0; _centred && i < Length; i++)
            for (int j = 0; j < Length; j++) values[i * Length + j] -= (float)(_sums[i] * _sums[j] / Count);
        Tensor moments = _backend.Allocate(_moments.Shape);
        moments.Upload(values);
        return moments;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _moments.Dispose();
    }
}
