namespace IlgpuSpp.Engine;

/// <summary>
/// Everything a compute device does for the layers, cut into families. The contract that holds for every operation:
/// <list type="bullet">
/// <item>Parameter gradients are <b>added to</b> (<c>+=</c>); activation gradients are <b>assigned</b> (<c>=</c>).</item>
/// <item>Feature maps are NHWC, matrices row-major.</item>
/// <item>Operands are checked before dispatch (<see cref="OpChecks"/>); a misfit throws <see cref="ShapeMismatchException"/>
/// and nothing is written.</item>
/// <item>An output must not overlap an input unless the operation says that it may work in place.</item>
/// <item>Operations run in the order of the calls. They may still be running when the call returns;
/// <see cref="Download(Tensor, Span{float})"/> and <see cref="Synchronize"/> wait.</item>
/// <item>The same inputs give the same bits, at any number of threads.</item>
/// </list>
/// A backend may be used from several threads at a time as long as no two of them write the same tensor.
/// </summary>
public interface IBackend : IElementwiseOps, IGemmOps, IConvOps, IPoolOps, IPyramidOps, INormOps, ILossOps, IReduceOps, IRandomOps, IOptimiserOps, IDisposable
{
    /// <summary>What the device is.</summary>
    DeviceDescription Device { get; }

    /// <summary>Memory in use and in the pool.</summary>
    MemoryUse Memory { get; }

    /// <summary>Allocates a float tensor from the pool. The content is undefined.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    Tensor Allocate(Shape shape);

    /// <summary>Allocates an int tensor from the pool. The content is undefined.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <exception cref="DeviceMemoryException">The device has not enough memory.</exception>
    IndexTensor AllocateIndex(Shape shape);

    /// <summary>Copies from host memory. The span may be reused when the call returns.</summary>
    /// <param name="values">As many values as the tensor has elements.</param>
    /// <param name="tensor">The destination.</param>
    void Upload(ReadOnlySpan<float> values, Tensor tensor);

    /// <summary>Copies from host memory. The span may be reused when the call returns.</summary>
    /// <param name="values">As many values as the tensor has elements.</param>
    /// <param name="tensor">The destination.</param>
    void Upload(ReadOnlySpan<int> values, IndexTensor tensor);

    /// <summary>Copies to host memory, after all work queued before.</summary>
    /// <param name="tensor">The source.</param>
    /// <param name="values">Room for as many values as the tensor has elements.</param>
    void Download(Tensor tensor, Span<float> values);

    /// <summary>Copies to host memory, after all work queued before.</summary>
    /// <param name="tensor">The source.</param>
    /// <param name="values">Room for as many values as the tensor has elements.</param>
    void Download(IndexTensor tensor, Span<int> values);

    /// <summary>Waits until all work queued before is done.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    void Synchronize();

    /// <summary>Gives the pool's unused memory back to the system.</summary>
    void TrimMemory();
}
