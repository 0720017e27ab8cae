namespace IlgpuSpp.Training;

/// <summary>Moves parameters along their gradients. Its tensors are saved with the run.</summary>
internal abstract class Optimiser : IDisposable
{
    private readonly OptimiserSlot[] _slots;
    private readonly OptimiserState[] _states;

    /// <summary>Reserves the state of every trainable parameter that is not frozen, set to zero.</summary>
    /// <param name="backend">Where the parameters lie.</param>
    /// <param name="parameters">Parameters that are prepared for training; those without a gradient are left alone.</param>
    /// <param name="stateNames">Names of the one or two state tensors of a parameter.</param>
    private protected Optimiser(Backend backend, IEnumerable<Parameter> parameters, params ReadOnlySpan<string> stateNames)
    {
        Backend = backend;
        var slots = new List<OptimiserSlot>();
        var states = new List<OptimiserState>();
        foreach (Parameter parameter in parameters)
        {
            if (parameter.GradientOrNull is not { } gradient) continue;
            var own = new Tensor?[2];
            for (int i = 0; i < stateNames.Length; i++)
            {
                Tensor state = Backend.Allocate(parameter.Shape);
                Backend.Fill(state, 0);
                own[i] = state;
                states.Add(new OptimiserState(parameter, stateNames[i], state));
            }
            slots.Add(new OptimiserSlot(parameter.Value, gradient, own[0], own[1], parameter.LearningRateMultiplier, parameter.DecayMultiplier));
        }
        _slots = [.. slots];
        _states = [.. states];
    }

    /// <summary>Updates done.</summary>
    public long Updates { get; private set; }

    /// <summary>All state tensors, in the order of the parameters.</summary>
    public IReadOnlyList<OptimiserState> States => _states;

    private protected Backend Backend { get; }

    /// <summary>Changes the parameters and sets their gradients to zero.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="gradientScale">Multiplies the gradients first.</param>
    public void Update(double learningRate, double gradientScale)
    {
        Updates++;
        Apply(_slots, (float)learningRate, (float)gradientScale);
    }

    /// <summary>Σ g² over all gradients.</summary>
    /// <param name="result">Receives it, <c>[1]</c>.</param>
    public void SumOfSquaredGradients(Tensor result)
    {
        for (int i = 0; i < _slots.Length; i++) Backend.SumOfSquares(_slots[i].Gradient, result, accumulate: i > 0);
    }

    /// <summary>Sets the number of updates done: part of resuming.</summary>
    /// <param name="updates">The number.</param>
    public void RestoreUpdates(long updates) => Updates = updates;

    /// <summary>The optimiser that options ask for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="network">The network, prepared for training.</param>
    public static Optimiser Create(TrainerOptions options, Network network) => options.Optimiser == OptimiserKind.AdamW
        ? new AdamWOptimiser(network.Backend, network.Parameters, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay)
        : new SgdOptimiser(network.Backend, network.Parameters, options.Momentum, options.WeightDecay, options.Optimiser == OptimiserKind.Nesterov);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the state's memory back.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (OptimiserState state in _states) state.Tensor.Dispose();
    }

    /// <summary>Changes the parameters.</summary>
    /// <param name="slots">All of them.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="gradientScale">Multiplies the gradients first.</param>
    private protected abstract void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale);
}

/// <summary>A tensor that an optimiser keeps for a parameter.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Name">What it is, e.g. <c>velocity</c>.</param>
/// <param name="Tensor">The values, of the parameter's shape.</param>
internal sealed record OptimiserState(Parameter Parameter, string Name, Tensor Tensor);

/// <summary>Stochastic gradient descent with momentum and weight decay, in Caffe's order (<see cref="Backend.SgdUpdate"/>).</summary>
/// <param name="backend">Where the parameters lie.</param>
/// <param name="parameters">Parameters that are prepared for training; those without a gradient are left alone.</param>
/// <param name="momentum">Share of the velocity kept, in [0, 1).</param>
/// <param name="weightDecay">Weight decay, at least 0.</param>
/// <param name="nesterov">Whether the step looks ahead along the velocity.</param>
internal sealed class SgdOptimiser(Backend backend, IEnumerable<Parameter> parameters, double momentum, double weightDecay, bool nesterov = false) : Optimiser(backend, parameters, "velocity")
{
    private protected override void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale) =>
        Backend.SgdUpdate(slots, new SgdStep(learningRate, (float)momentum, (float)weightDecay, nesterov, gradientScale, ClearGradient: true));
}

/// <summary>AdamW (<see cref="Backend.AdamWUpdate"/>).</summary>
/// <param name="backend">Where the parameters lie.</param>
/// <param name="parameters">Parameters that are prepared for training; those without a gradient are left alone.</param>
/// <param name="beta1">Decay of the mean, in [0, 1).</param>
/// <param name="beta2">Decay of the variance, in [0, 1).</param>
/// <param name="epsilon">Added to the root, above 0.</param>
/// <param name="weightDecay">Weight decay, at least 0.</param>
internal sealed class AdamWOptimiser(Backend backend, IEnumerable<Parameter> parameters, double beta1, double beta2, double epsilon, double weightDecay) : Optimiser(backend, parameters, "mean", "variance")
{
    private protected override void Apply(ReadOnlySpan<OptimiserSlot> slots, float learningRate, float gradientScale) =>
        Backend.AdamWUpdate(slots, new AdamWStep(learningRate, (float)beta1, (float)beta2, (float)epsilon, (float)weightDecay, checked((int)Updates), gradientScale, ClearGradient: true));
}
