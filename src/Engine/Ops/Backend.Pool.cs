namespace IlgpuSpp.Engine;

// Max and average pooling. x: [n, h, w, c], y: [n, oh, ow, c].
public abstract partial class Backend
{
    /// <summary>
    /// Max of every window; padding never wins. Ties go to the first element in row-major order (strict &gt;, from −∞).
    /// Argmax, where given, has y's shape and holds <c>row · width + column</c> of the winner in its image.
    /// A NaN in a window makes its output NaN.
    /// </summary>
    public abstract void MaxPoolForward(Tensor x, Tensor y, Tensor<int>? argmax, PoolGeometry geometry);

    /// <summary>dx = sum of the dy whose window the element won.</summary>
    public abstract void MaxPoolBackward(Tensor dy, Tensor<int> argmax, Tensor dx, PoolGeometry geometry);

    /// <summary>Mean of every window.</summary>
    public abstract void AveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor);

    /// <summary>dx = sum over the windows that hold the element of dy divided by the window's divisor.</summary>
    public abstract void AveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor);
}
