namespace IlgpuSpp.Layers;

/// <summary>
/// A convolution's weights as inference multiplies with them, packed once and shared by all passes planned for it. They stay for the passes to come, as detection plans one for every image; where the
/// weights are trained, they are given back with the last of the passes. With a batch normalisation behind the convolution they are others than without. Thread-safe.
/// </summary>
internal sealed class SharedPackedConvs(Conv2d layer)
{
    private readonly Lock _lock = new();
    private readonly List<Shared> _shared = [];
    private bool _kept = true;

    private bool IsTrained => layer.Weight.GradientOrNull is not null;

    /// <summary>The weights for a pass; they are given back with its plan.</summary>
    /// <param name="plan">The plan of an inference pass.</param>
    /// <param name="normalisation">The batch normalisation that becomes part of them, or null.</param>
    /// <returns>Null where the backend reads weights as they are.</returns>
    public PackedConv? For(PassPlan plan, BatchNorm? normalisation)
    {
        lock (_lock)
        {
            Shared? shared = _shared.Find(own => ReferenceEquals(own.Normalisation, normalisation) && ReferenceEquals(own.Backend, plan.Backend));
            if (shared is null)
            {
                if (plan.Backend.PackConv(new ConvSource(layer.Weight.Value, layer.Bias?.Value, layer.Geometry, normalisation?.Fixed)) is not { } packed) return null;
                _shared.Add(shared = new Shared(this, plan.Backend, normalisation, packed));
            }
            shared.Users++;
            plan.Own(shared);
            return shared.Packed;
        }
    }

    /// <summary>Gives back what no pass uses any more; the rest goes with its passes.</summary>
    public void Release()
    {
        lock (_lock)
        {
            foreach (Shared shared in _shared.Where(own => own.Users == 0)) shared.Packed.Dispose();
            _shared.RemoveAll(own => own.Users == 0);
            _kept = false;
        }
    }

    private sealed class Shared(SharedPackedConvs owner, Backend backend, BatchNorm? normalisation, PackedConv packed) : IDisposable
    {
        public Backend Backend { get; } = backend;

        public BatchNorm? Normalisation { get; } = normalisation;

        public PackedConv Packed { get; } = packed;

        public int Users { get; set; }

        // Once for each plan.
        public void Dispose()
        {
            lock (owner._lock)
            {
                if (--Users > 0 || (owner._kept && !owner.IsTrained)) return;
                owner._shared.Remove(this);
                Packed.Dispose();
            }
        }
    }
}
