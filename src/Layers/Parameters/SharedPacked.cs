namespace IlgpuSpp.Layers;

/// <summary>A layer that keeps its weights as inference multiplies with them.</summary>
internal interface IPacksWeights
{
    /// <summary>Gives packed weights back when the network goes.</summary>
    void ReleasePacked();
}

/// <summary>
/// A layer's weights as inference multiplies with them, packed once and shared by all passes planned for it. They stay for the passes to come, as detection plans one for every image; where the
/// weights are trained, they are given back with the last of the passes. Thread-safe.
/// </summary>
/// <typeparam name="T">The backend's form of them.</typeparam>
/// <param name="weight">The weights.</param>
internal sealed class SharedPacked<T>(Parameter weight)
    where T : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Shared> _shared = [];
    private bool _kept = true;

    private bool IsTrained => weight.GradientOrNull is not null;

    /// <summary>The weights for a pass; they are given back with its plan.</summary>
    /// <param name="plan">The plan of an inference pass.</param>
    /// <param name="part">What else becomes part of them and makes them others, such as the batch normalisation behind a convolution, or null.</param>
    /// <param name="pack">Packs them; null where the backend reads weights as they are.</param>
    public T? For(PassPlan plan, object? part, Func<T?> pack)
    {
        lock (_lock)
        {
            Shared? shared = _shared.Find(own => ReferenceEquals(own.Part, part) && ReferenceEquals(own.Backend, plan.Backend));
            if (shared is null)
            {
                if (pack() is not { } packed) return null;
                _shared.Add(shared = new Shared(this, plan.Backend, part, packed));
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

    private sealed class Shared(SharedPacked<T> owner, Backend backend, object? part, T packed) : IDisposable
    {
        public Backend Backend { get; } = backend;

        public object? Part { get; } = part;

        public T Packed { get; } = packed;

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
