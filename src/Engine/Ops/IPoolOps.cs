namespace IlgpuSpp.Engine;

/// <summary>Max and average pooling. <c>x: [n, h, w, c]</c>, <c>y: [n, oh, ow, c]</c>.</summary>
public interface IPoolOps
{
    /// <summary>
    /// Max of every window; padding never wins. Ties go to the first element in row-major order (strict &gt;, from −∞).
    /// Argmax, where given, has y's shape and holds <c>row · width + column</c> of the winner in its image.
    /// A NaN in a window makes its output NaN.
    /// </summary>
    void MaxPoolForward(Tensor x, Tensor y, IndexTensor? argmax, PoolGeometry geometry);

    /// <summary>dx = sum of the dy whose window the element won.</summary>
    void MaxPoolBackward(Tensor dy, IndexTensor argmax, Tensor dx, PoolGeometry geometry);

    /// <summary>Mean of every window.</summary>
    void AveragePoolForward(Tensor x, Tensor y, PoolGeometry geometry, AveragePoolDivisor divisor);

    /// <summary>dx = sum over the windows that hold the element of dy divided by the window's divisor.</summary>
    void AveragePoolBackward(Tensor dy, Tensor dx, PoolGeometry geometry, AveragePoolDivisor divisor);
}
