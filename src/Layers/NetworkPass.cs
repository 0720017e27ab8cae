namespace IlgpuSpp.Layers;

/// <summary>
/// A planned pass through a network, or through a part of its layers, for one input shape: upload into <see cref="Input"/>, run <see cref="Forward"/>, read
/// <see cref="Output"/>; in training write the gradient by the output and run <see cref="Backward"/>. Not for several
/// threads at a time; several passes of one network are.
/// </summary>
public sealed class NetworkPass : IDisposable
{
    private readonly Layer _root;
    private readonly PassPlan _plan;
    private readonly LayerContext _context;

    internal NetworkPass(Network network, Layer root, Shape input, PassMode mode, bool needInputGradient = false, bool recompute = false)
    {
        if (mode == PassMode.Training)
        {
            network.PrepareTraining();
            if (recompute) root = Recomputed.Chain(root, input, layers => BytesOf(network.Backend, layers, input, needInputGradient));
        }
        _root = root;
        Input = network.Backend.Allocate(input);
        try
        {
            (_plan, _context) = PassPlan.Of(network.Backend, mode, plan => Planned(root, Input, plan, needInputGradient));
            OutputGradient = _context.OutputGradient;
        }
        catch
        {
            Input.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of activations and gradients of a pass, without its input, found without any memory.</summary>
    internal static long BytesOf(Backend backend, Layer root, Shape input, bool needInputGradient = false, PassMode mode = PassMode.Training)
    {
        using var image = new Tensor(new PassPlan.NoMemory(backend), 0, input, ownsBuffer: true);
        return PassPlan.BytesOf(backend, mode, plan => Planned(root, image, plan, needInputGradient));
    }

    private static LayerContext Planned(Layer root, Tensor input, PassPlan plan, bool needInputGradient)
    {
        LayerContext context = root.Plan(input, plan);
        if (plan.Training) root.PlanBackward(context, plan.Allocate(context.Output.Shape), plan, needInputGradient);
        return context;
    }

    /// <summary>What the pass reads.</summary>
    public Tensor Input { get; }

    /// <summary>What the pass writes.</summary>
    public Tensor Output => _context.Output;

    /// <summary>Gradient of the loss by the output: write it before <see cref="Backward"/>, which may overwrite it. Null in inference.</summary>
    public Tensor? OutputGradient { get; }

    /// <summary>Gradient of the loss by the input, written by <see cref="Backward"/>; null where the pass was planned without.</summary>
    public Tensor? InputGradient => _context.InputGradient;

    /// <summary>Bytes of activations and gradients, without the parameters.</summary>
    public long Bytes => _plan.Bytes + Input.Count * sizeof(float);

    /// <summary>The root layer's part of the pass.</summary>
    public LayerContext Context => _context;

    /// <summary>Runs the forward pass.</summary>
    /// <param name="state">The step's random numbers; only training uses them.</param>
    public void Forward(PassState state = default) => _root.Forward(_context, _plan, state);

    /// <summary>Runs the backward pass: adds to the gradients of the parameters.</summary>
    /// <param name="state">The same as in <see cref="Forward"/>.</param>
    public void Backward(PassState state = default)
    {
        if (!_plan.Training) throw new InvalidOperationException("A pass planned for inference has no backward pass.");
        _root.Backward(_context, _plan, state);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plan.Dispose();
        Input.Dispose();
    }
}
