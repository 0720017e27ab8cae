namespace IlgpuSpp.Layers;

/// <summary>
/// Hands out the memory of one pass at one input size, before the pass runs. Requests are made in the order in which the pass will run, so a tensor that was released
/// may share its memory with one requested later: <see cref="Network.Plan"/> plans a pass without memory first, to learn which may, and gives all of them one block. A plan
/// made by its constructor gives every tensor memory of its own. All memory is held until the plan is disposed: running the pass allocates nothing.
/// </summary>
public sealed class PassPlan : IDisposable
{
    // Without memory: numbers of the tensors in the layout, and where the next one pretends to lie.
    private readonly Dictionary<object, int>? _numbers;
    private readonly PassLayout? _layout;
    private readonly DeviceBuffer? _block;
    private readonly List<object> _handedOut = [];
    private readonly List<IDisposable> _others = [];
    private long _pretended;

    /// <summary>Starts a plan.</summary>
    /// <param name="backend">Where the memory lies.</param>
    /// <param name="mode">What the pass is for.</param>
    public PassPlan(Backend backend, PassMode mode) => (Backend, Mode) = (backend, mode);

    // Without memory, to fill a layout.
    private PassPlan(Backend backend, PassMode mode, PassLayout layout)
        : this(backend, mode)
    {
        _layout = layout;
        _numbers = [];
        _block = new NoMemory(backend);
    }

    // With the memory of a filled layout.
    private PassPlan(PassPlan measured)
        : this(measured.Backend, measured.Mode)
    {
        _layout = measured._layout!;
        _layout.Place();
        Bytes = _layout.Length * sizeof(float);
        const int Columns = 64;
        Tensor memory = Backend.Allocate(new Shape(checked((int)((_layout.Length + Columns - 1) / Columns)), Columns));
        _others.Add(memory);
        _block = memory.Buffer;
    }

    /// <summary>Plans twice, without memory and with it.</summary>
    /// <typeparam name="T">What planning gives.</typeparam>
    /// <param name="backend">Where the memory lies.</param>
    /// <param name="mode">What the pass is for.</param>
    /// <param name="planning">Plans the pass; does the same both times.</param>
    internal static (PassPlan Plan, T Planned) Of<T>(Backend backend, PassMode mode, Func<PassPlan, T> planning)
    {
        using var measured = new PassPlan(backend, mode, new PassLayout());
        planning(measured);
        var plan = new PassPlan(measured);
        try
        {
            return (plan, planning(plan));
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that a pass would hold, planned without memory.</summary>
    /// <param name="backend">Where it would lie.</param>
    /// <param name="mode">What the pass is for.</param>
    /// <param name="planning">Plans the pass.</param>
    internal static long BytesOf(Backend backend, PassMode mode, Action<PassPlan> planning)
    {
        using var measured = new PassPlan(backend, mode, new PassLayout());
        planning(measured);
        measured._layout!.Place();
        return measured._layout.Length * sizeof(float);
    }

    /// <summary>Where the pass runs.</summary>
    public Backend Backend { get; }

    /// <summary>What the pass is for.</summary>
    public PassMode Mode { get; }

    /// <summary>Whether gradients are wanted.</summary>
    public bool Training => Mode == PassMode.Training;

    /// <summary>Bytes held by the plan.</summary>
    public long Bytes { get; private set; }

    /// <summary>A tensor that lives until it is released or the plan is disposed. Its content is undefined.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public Tensor Allocate(Shape shape) => Take<float>(shape);

    /// <summary>An int tensor that lives until the plan is disposed.</summary>
    /// <param name="shape">The tensor's shape.</param>
    public Tensor<int> AllocateIndex(Shape shape) => Take<int>(shape);

    private Tensor<T> Take<T>(Shape shape)
        where T : unmanaged
    {
        Tensor<T> tensor;
        if (_numbers is not null)
        {
            tensor = new Tensor<T>(_block!, _pretended, shape, ownsBuffer: false);
            _pretended += Math.Max(shape.Count, 1);
            _numbers.Add(tensor, _layout!.Begin(shape.Count));
        }
        else if (_layout is not null) tensor = new Tensor<T>(_block!, _layout[_handedOut.Count], shape, ownsBuffer: false);
        else
        {
            tensor = Backend.Allocate<T>(shape);
            _others.Add(tensor);
            Bytes += shape.Count * sizeof(float);
        }
        _handedOut.Add(tensor);
        return tensor;
    }

    /// <summary>How much was handed out so far, for <see cref="ReleaseSince"/>.</summary>
    internal int Mark => _handedOut.Count;

    /// <summary>Releases everything that was handed out since a mark, index tensors too, but what shares memory with one tensor.</summary>
    internal void ReleaseSince(int mark, Tensor? kept)
    {
        for (int i = mark; i < _handedOut.Count; i++)
            if (_handedOut[i] is not Tensor tensor || !SameMemory(tensor, kept)) End(_handedOut[i]);
    }

    /// <summary>Whether two tensors share memory.</summary>
    internal static bool SameMemory(Tensor? a, Tensor? b) =>
        a is not null && b is not null && ReferenceEquals(a.Buffer, b.Buffer) && a.Offset < b.Offset + b.Count && b.Offset < a.Offset + a.Count;

    /// <summary>Disposes something with the plan.</summary>
    internal void Own(IDisposable other) => _others.Add(other);

    /// <summary>
    /// Says that the pass does not touch a tensor's memory after this point. Anything but the very tensor that
    /// <see cref="Allocate"/> returned (a view, the pass's input, a tensor released before) is ignored.
    /// </summary>
    /// <param name="tensor">The tensor that is no longer needed.</param>
    public void Release(Tensor? tensor)
    {
        if (tensor is not null) End(tensor);
    }

    private void End(object tensor)
    {
        if (_numbers is not null && _numbers.TryGetValue(tensor, out int number)) _layout!.End(number);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable other in _others) other.Dispose();
        _others.Clear();
    }

    /// <summary>What tensors of a plan without memory lie in.</summary>
    internal sealed class NoMemory(Backend owner) : DeviceBuffer(owner, long.MaxValue)
    {
        protected override void Dispose(bool disposing)
        {
        }
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
/// <param name="Again">Whether layers are run forward once more, for a backward pass that did not keep their outputs: running statistics have moved already.</param>
public readonly record struct PassState(ulong Seed, uint Step, bool Again = false);
