namespace IlgpuSpp.Layers;

/// <summary>
/// Hands out the memory of one pass at one input size, before the pass runs. Requests are made in the order in which
/// the pass will run, so a tensor that was released may share its memory with one requested later. All memory is held
/// until the plan is disposed: running the pass allocates nothing.
/// </summary>
/// <param name="backend">Where the memory lies.</param>
/// <param name="mode">What the pass is for.</param>
public sealed class PassPlan(Backend backend, PassMode mode) : IDisposable
{
    private readonly List<Block> _blocks = [];
    private readonly List<IDisposable> _others = [];

    /// <summary>Where the pass runs.</summary>
    public Backend Backend { get; } = backend;

    /// <summary>What the pass is for.</summary>
    public PassMode Mode { get; } = mode;

    /// <summary>Whether gradients are wanted.</summary>
    public bool Training => Mode == PassMode.Training;

    /// <summary>Bytes held by the plan.</summary>
    public long Bytes { get; private set; }

    /// <summary>A tensor that lives until it is released or the plan is disposed. Its content is undefined.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public Tensor Allocate(Shape shape)
    {
        Block? best = null;
        foreach (Block block in _blocks)
            if (block.Owner is null && block.Memory.Count >= shape.Count && (best is null || block.Memory.Count < best.Memory.Count))
                best = block;
        if (best is null)
        {
            best = new Block(Backend.Allocate(new Shape(checked((int)shape.Count))));
            _blocks.Add(best);
            Bytes += shape.Count * sizeof(float);
        }
        best.Owner = best.Memory.View(shape);
        return best.Owner;
    }

    /// <summary>An int tensor that lives until the plan is disposed.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public Tensor<int> AllocateIndex(Shape shape)
    {
        Tensor<int> tensor = Backend.Allocate<int>(shape);
        _others.Add(tensor);
        Bytes += shape.Count * sizeof(int);
        return tensor;
    }

    /// <summary>Disposes something with the plan.</summary>
    internal void Own(IDisposable other) => _others.Add(other);

    /// <summary>
    /// Says that the pass does not touch a tensor's memory after this point. Anything but the very tensor that
    /// <see cref="Allocate"/> returned (a view, the pass's input, a tensor released before) is ignored.
    /// </summary>
    /// <param name="tensor">The tensor that is no longer needed.</param>
    public void Release(Tensor? tensor)
    {
        foreach (Block block in _blocks)
            if (ReferenceEquals(block.Owner, tensor))
                block.Owner = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Block block in _blocks) block.Memory.Dispose();
        foreach (IDisposable other in _others) other.Dispose();
        _blocks.Clear();
        _others.Clear();
    }

    private sealed class Block(Tensor memory)
    {
        public Tensor Memory { get; } = memory;

        public Tensor? Owner { get; set; }
    }
}

/// <summary>What a pass through a network is for.</summary>
public enum PassMode
{
    /// <summary>Outputs only: dropout does nothing, batch normalisation uses its running statistics, memory is reused along the way.</summary>
    Inference,

    /// <summary>Outputs and gradients.</summary>
    Training,
}

/// <summary>The random numbers of one training step.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Number of the step; every step draws other numbers, the same step the same ones.</param>
public readonly record struct PassState(ulong Seed, uint Step);
