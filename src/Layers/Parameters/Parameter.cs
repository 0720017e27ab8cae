namespace IlgpuSpp.Layers;

/// <summary>A trainable tensor of a layer, or a running statistic of one.</summary>
public sealed class Parameter : IDisposable
{
    private Tensor? _value, _gradient;

    /// <summary>Creates a parameter without memory; <see cref="Network"/> gives it some.</summary>
    /// <param name="name">Name inside the layer, e.g. <c>weight</c>.</param>
    /// <param name="shape">Shape in memory.</param>
    /// <param name="initialiser">The values to start from.</param>
    public Parameter(string name, Shape shape, Initialiser initialiser)
    {
        Name = name;
        FullName = name;
        Shape = shape;
        Initialiser = initialiser;
    }

    /// <summary>Name inside the layer.</summary>
    public string Name { get; }

    /// <summary>Name inside the network, e.g. <c>conv1.weight</c>; set when the network is built.</summary>
    public string FullName { get; internal set; }

    /// <summary>Shape in memory.</summary>
    public Shape Shape { get; }

    /// <summary>The values to start from.</summary>
    public Initialiser Initialiser { get; set; }

    /// <summary>Whether it lies in memory as <c>[kh, kw, in, out]</c> and in files as <c>[out, in, kh, kw]</c>, as in PyTorch and Caffe; others lie in files as in memory.</summary>
    internal bool IsConvolutionWeight { get; init; }

    /// <summary>Whether every row is whole codes from −127 to 127 times a scale of its own, and lies in files as these (<see cref="PackedInt8"/>).</summary>
    internal bool IsInt8 { get; init; }

    /// <summary>Inputs that one output sums over, for initialisers.</summary>
    public int FanIn { get; init; } = 1;

    /// <summary>False for running statistics and 8-bit weights, which the optimiser leaves alone.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>Set to leave a trainable parameter as it is: no gradient is computed.</summary>
    public bool Frozen { get; set; }

    /// <summary>Multiplies the learning rate. The paper's networks use 1 for weights and 2 for biases.</summary>
    public float LearningRateMultiplier { get; set; } = 1;

    /// <summary>Multiplies the weight decay.</summary>
    public float DecayMultiplier { get; set; } = 1;

    /// <summary>The values.</summary>
    /// <exception cref="InvalidOperationException">The parameter belongs to no network yet.</exception>
    public Tensor Value => _value ?? throw new InvalidOperationException($"Parameter {FullName} has no memory yet: build a Network from the layers first.");

    /// <summary>The accumulated gradient, of the same shape.</summary>
    /// <exception cref="InvalidOperationException">The network was not prepared for training.</exception>
    public Tensor Gradient => _gradient ?? throw new InvalidOperationException($"Parameter {FullName} has no gradient: call Network.PrepareTraining first.");

    /// <summary>The gradient, or null where none is wanted (frozen, a statistic, or not training).</summary>
    public Tensor? GradientOrNull => Trainable && !Frozen ? _gradient : null;

    /// <summary>Shape in model files.</summary>
    internal Shape FileShape => IsConvolutionWeight ? new Shape(Shape[3], Shape[2], Shape[0], Shape[1]) : Shape;

    /// <summary>Values in the order of model files: <c>[kh, kw, in, out]</c> → <c>[out, in, kh, kw]</c>, or the values themselves where the order is the same.</summary>
    internal float[] ToFile(float[] values) => IsConvolutionWeight ? Transposed(values, toFile: true) : values;

    /// <summary>The reverse of <see cref="ToFile"/>.</summary>
    internal float[] FromFile(float[] values) => IsConvolutionWeight ? Transposed(values, toFile: false) : values;

    /// <inheritdoc/>
    public void Dispose()
    {
        _value?.Dispose();
        _gradient?.Dispose();
        _value = _gradient = null;
    }

    internal void AllocateValue(Backend backend, RandomKey key)
    {
        if (_value is not null) throw new InvalidOperationException($"Parameter {FullName} belongs to a network already.");
        _value = backend.Allocate(Shape);
        Initialiser.Fill(backend, _value, FanIn, key);
    }

    internal void AllocateGradient(Backend backend)
    {
        if (_gradient is not null || !Trainable) return;
        _gradient = backend.Allocate(Shape);
        backend.Fill(_gradient, 0);
    }

    private float[] Transposed(float[] source, bool toFile)
    {
        int taps = Shape[0] * Shape[1], inputs = Shape[2], outputs = Shape[3];
        var target = new float[source.Length];
        for (int tap = 0; tap < taps; tap++)
            for (int input = 0; input < inputs; input++)
                for (int output = 0; output < outputs; output++)
                {
                    int memory = (tap * inputs + input) * outputs + output, file = (output * inputs + input) * taps + tap;
                    if (toFile) target[file] = source[memory];
                    else target[memory] = source[file];
                }
        return target;
    }
}
